import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Download, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { RequestFailed } from '../../api/client'
import { exportRows, save } from '../../api/download'

/** Saves all rows behind a number as a CSV file, also those that the page has not loaded. */
export function ExportButton({ address }: { address: string }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<RequestFailed>()

  async function run() {
    if (isBusy) return
    setBusy(true)
    setFailure(undefined)
    try {
      save(await exportRows(address, i18n.locale))
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error
      setFailure(error)
    } finally {
      setBusy(false)
    }
  }

  return (
    <span className="end export">
      <span role="status">
        {isBusy && <span className="quiet">{t`Preparo il file…`}</span>}
        {failure && (
          <span className="on-red">
            <TriangleAlert size={14} aria-hidden /> <Why failure={failure} />
          </span>
        )}
      </span>
      <button type="button" className="button" aria-disabled={isBusy} onClick={() => void run()}>
        <Download size={15} aria-hidden /> {t`Scarica CSV`}
      </button>
    </span>
  )
}

function Why({ failure }: { failure: RequestFailed }) {
  const { t } = useMacro()
  if (failure.unreachable) return t`L’hub non risponde: il file non è arrivato.`
  switch (failure.message) {
    case 'RESULT_TOO_LARGE':
    case 'READ_TIMEOUT':
      return t`Troppe righe per un file: scegli un periodo più breve.`
    case 'RATE_LIMITED':
      return t`Stai già scaricando altri file: riprova fra poco.`
    default:
      return (
        <>
          {t`Il file non è arrivato.`} {failure.requestId && <code>{failure.requestId}</code>}
        </>
      )
  }
}
