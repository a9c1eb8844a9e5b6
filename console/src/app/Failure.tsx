import { useLingui } from '@lingui/react/macro'
import { RotateCw } from 'lucide-react'
import type { RequestFailed } from '../api/client'
import { Notice } from '../ui/parts'

/** In the place of what could not be read: a sentence, another try, and the name of the request in the hub's log. */
export function Failure({
  error,
  onAgain,
  alone = false,
}: {
  error: RequestFailed
  onAgain: () => void
  alone?: boolean
}) {
  const { t } = useLingui()
  const id = error.requestId
  return (
    <div role="alert">
      <Notice
        alone={alone}
        title={error.unreachable ? t`L’hub non risponde` : t`Qualcosa è andato storto`}
        action={
          <button type="button" className="button" onClick={onAgain}>
            <RotateCw size={15} aria-hidden /> {t`Riprova`}
          </button>
        }
      >
        {error.unreachable
          ? t`Controlla la rete. I dati arrivano appena l’hub è raggiungibile.`
          : t`Non dipende da te: riprova, e se succede ancora avvisa chi amministra l’hub.`}
        {id && (
          <>
            {' '}
            <code>{id}</code>
          </>
        )}
      </Notice>
    </div>
  )
}
