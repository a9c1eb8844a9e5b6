import { useLingui } from '@lingui/react/macro'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useEffect } from 'react'
import { RunPanel } from './RunPanel'

/** An action on a page of its own, as a link in a message shows it. */
export function ActionPage() {
  const { t } = useLingui()
  const { id } = useParams({ from: '/frame/azioni/$id' })
  const navigate = useNavigate()

  useEffect(() => {
    document.title = `${t`Azione`} · IntelligenceHub`
  }, [t])

  return (
    <div className="page action-page">
      <h1 className="unseen">{t`Azione`}</h1>
      <RunPanel key={id} id={id} where="page" onClose={() => void navigate({ to: '/' })} />
    </div>
  )
}
