import '@fontsource-variable/inter/wght.css'
import './tokens.css'
import './page.css'
import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { RouterProvider } from '@tanstack/react-router'
import { I18nProvider as AriaLocale } from 'react-aria-components'
import { createRoot } from 'react-dom/client'
import { Provider } from 'urql'
import { client } from '../api/client'
import { listenToKeys } from './keys'
import { speak } from './locale'
import { language, usePreference } from './preferences'
import { router } from './router'

function Console() {
  const chosen = usePreference(language)
  return (
    <I18nProvider i18n={i18n}>
      <AriaLocale locale={chosen === 'it' ? 'it-IT' : 'en-US'}>
        <Provider value={client}>
          <RouterProvider router={router} />
        </Provider>
      </AriaLocale>
    </I18nProvider>
  )
}

listenToKeys()
const root = document.getElementById('root')
if (!root) throw new Error('The page has no root.')
await speak(language.get())
createRoot(root).render(<Console />)
