import { explorerPlugin } from '@graphiql/plugin-explorer'
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { HISTORY_PLUGIN, GraphiQL } from 'graphiql'
import { useEffect } from 'react'
import { fetcher } from './fetcher'
import { Header } from './Header'
import { savedOperations } from './savedOperations'
import { storyPlugin } from './StoryPlugin'

const PLUGINS = [storyPlugin, explorerPlugin(), HISTORY_PLUGIN]

// Only for a browser that comes for the first time; later it finds its own tabs again.
const FIRST_TABS = savedOperations.slice(0, 1)

/** GraphiQL runs one operation at a time: what runs ends with its tab, so that Run in the next one sends. */
function StopInTabLeft() {
  const activeTab = useGraphiQL((state) => state.activeTabIndex)
  const { stop } = useGraphiQLActions()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tab is what it waits for.
  useEffect(() => stop(), [activeTab, stop])
  return <span />
}

export function GraphiQLPage() {
  return (
    <>
      <Header />
      <main>
        <GraphiQL
          fetcher={fetcher}
          plugins={PLUGINS}
          defaultTabs={FIRST_TABS}
          visiblePlugin={storyPlugin}
          defaultEditorToolsVisibility="variables"
        >
          <GraphiQL.Logo>
            <StopInTabLeft />
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  )
}
