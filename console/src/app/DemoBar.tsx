import { useLingui } from '@lingui/react/macro'
import { useEffect, useState } from 'react'

/** In a demo: lets a sale appear in the CRM, and the CRM fail. */
export function DemoBar() {
  const { t } = useLingui()
  const [failing, setFailing] = useState<boolean>()
  const [said, setSaid] = useState('')

  useEffect(() => {
    void order<CrmState>('crm', {}).then((crm) => setFailing(crm?.failing))
  }, [])

  async function recordSale() {
    const sale = await order<{ subject: string }>('sales', {})
    setSaid(sale ? t`Nel CRM: «${sale.subject}». Arriva da sola entro 15 secondi.` : t`La demo non risponde.`)
  }

  async function setCrm(next: boolean) {
    const crm = await order<CrmState>('crm', { failing: next })
    setFailing(crm?.failing)
    if (!crm) setSaid(t`La demo non risponde.`)
    else setSaid(crm.failing ? t`Ora il CRM rifiuta ogni chiamata.` : t`Il CRM risponde di nuovo.`)
  }

  return (
    <aside className="demo-bar" aria-label={t`Demo`}>
      <strong>{t`Demo`}</strong>
      <button type="button" className="button" onClick={recordSale}>{t`Registra una vendita nel CRM`}</button>
      <button
        type="button"
        className="button"
        aria-pressed={failing ?? false}
        disabled={failing === undefined}
        onClick={() => setCrm(!failing)}
      >
        {failing ? t`Ripara il CRM` : t`Guasta il CRM`}
      </button>
      <span role="status">{said}</span>
    </aside>
  )
}

type CrmState = { failing: boolean }

async function order<Answer>(path: string, body: object): Promise<Answer | undefined> {
  try {
    const answer = await fetch(`/demo/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    return answer.ok ? await answer.json() : undefined
  } catch {
    return undefined
  }
}
