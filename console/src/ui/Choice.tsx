import { Check, ChevronDown } from 'lucide-react'
import { Button, ListBox, ListBoxItem, Popover, Select, SelectValue } from 'react-aria-components'

export type Option = { id: string; name: string }

/** One choice out of some, as a filter shows it: what it is about, and what is chosen. */
export function Choice({
  label,
  options,
  chosen,
  onChoose,
}: {
  label: string
  options: readonly Option[]
  chosen: string
  onChoose: (id: string) => void
}) {
  const first = options[0]?.id
  return (
    <Select aria-label={label} value={chosen} onChange={(id) => onChoose(String(id))} className="choice">
      <Button className={chosen === first ? 'choice-button' : 'choice-button chosen'}>
        <span className="quiet">{label}</span>
        <SelectValue className="choice-value">{({ selectedText }) => selectedText}</SelectValue>
        <ChevronDown size={13} aria-hidden />
      </Button>
      <Popover className="popover" placement="bottom start">
        <ListBox items={options} className="choice-list">
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.name} className="choice-option">
              <span>{option.name}</span>
              {option.id === chosen && <Check size={14} aria-hidden />}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  )
}
