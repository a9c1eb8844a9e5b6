import { useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Notice } from '../ui/parts'

export function NotFound() {
  const { t } = useLingui()
  return (
    <main>
      <Notice
        alone
        title={t`Questa pagina non c’è`}
        action={<Link to="/ticket" className="button">{t`Vai ai ticket`}</Link>}
      />
    </main>
  )
}
