import { useLingui } from '@lingui/react/macro'
import { ArrowUpRight } from 'lucide-react'

/** The number of a record of the CRM. Where its address is known, it leads to its page there. */
export function CrmLink({ id, url, inRow = false }: { id: string; url: string | null | undefined; inRow?: boolean }) {
  const { t } = useLingui()
  if (!url || !/^https?:/i.test(url)) return <span title={t`Il numero nel CRM`}>{id}</span>
  return (
    <a
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      className="crm-link"
      title={t`Apri nel CRM`}
      tabIndex={inRow ? -1 : undefined}
    >
      {id} <ArrowUpRight size={12} aria-hidden />
    </a>
  )
}
