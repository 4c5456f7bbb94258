import { useFormat } from '../../kit/language.tsx'
import { useNames } from '../queries.ts'
import type { Evidence } from '../wire.ts'

/** Who found it good or bad, how, and when. */
export const VerifiedBy = ({ item }: { item: Evidence }) => {
  const format = useFormat()
  const names = useNames()
  if (!item.verifiedAt) return null
  return (
    <small>
      {item.verifiedBy.map((by) => names.actor(by)).join(', ')}, {format.dateOf(item.verifiedAt)}
      {item.method && ` · ${item.method}`}
      {item.remark && ` · ${item.remark}`}
    </small>
  )
}
