/** What an item says in a line: what it is about, and how long until it is due. */
import { Icon } from '../../kit/icons.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { useText } from '../messages/index.ts'
import type { Item, Kind } from './wire.ts'

/** How long until it is due, or for how long it has been late. */
export const Due = ({ item }: { item: Item }) => {
  const text = useText()
  const format = useFormat()
  const left = Date.parse(item.dueAt) - Date.now()
  return (
    <span className={item.late || left < 12 * 3_600_000 ? 'clock late' : 'clock'}>
      <Icon name={item.late ? 'alert' : 'clock'} />
      {left < 0 ? text('work.over', { span: format.span(-left) }) : format.span(left)}
    </span>
  )
}

/** What an item is about, in the reader's words where there are some. */
export const useAbout = () => {
  const word = useWord()
  const inWords: Partial<Record<Kind, (about: string) => string>> = {
    approval: (about) => word('change', about),
    'abuse-finding': (about) => word('change', about),
    'evidence-verification': (about) => word('evidence', about),
    'evidence-recheck': (about) => word('evidence', about),
    recertification: (about) => word('again.occasion', about),
    'level-breach': (about) => word('product', about),
    'wind-down-step': (about) => word('work-step', about),
    'licence-application': (about) =>
      about
        .split(', ')
        .map((status) => word('status', status))
        .join(', '),
  }
  return ({ kind, about }: Item): string => inWords[kind]?.(about) ?? about
}
