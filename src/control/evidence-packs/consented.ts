/** Consents that customers gave a partner and took back, as the journal of the production cell has them. */
import type { Client } from '#platform/rpc.ts'
import type { ConsentLine, deskContract } from '#courier/desk-contract.ts'
import type { Asked } from './asked.ts'
import { section, type Section } from './pack.ts'

export type { ConsentLine } from '#courier/desk-contract.ts'

type Span = Pick<Asked, 'partnerId' | 'from' | 'to'>

/** Asks the production cell; undefined while it cannot be asked. */
export type HearConsents = (span: Span) => Promise<readonly ConsentLine[] | undefined>

const PAGE = 500
const LINES = 100_000
const LAST_PLACE = '9'.repeat(18)

/** All pages, in the order in which it happened. */
export const hearConsents =
  (courier: {
    readonly hears: () => boolean
    readonly client: () => Pick<Client<typeof deskContract>, 'consents'>
  }): HearConsents =>
  async (span) => {
    if (!courier.hears()) return undefined
    const { consents } = courier.client()
    const lines: ConsentLine[] = []
    for (let before = LAST_PLACE; lines.length <= LINES;) {
      const { data } = await consents({ ...span, before, limit: PAGE })
      lines.push(...data)
      const last = data.at(-1)
      if (!last || data.length < PAGE) break
      before = last.seq
    }
    return lines.toReversed()
  }

export const consentsSection = async (
  { partnerId, from, to }: Asked,
  hear: HearConsents | undefined,
): Promise<Section> => {
  const lines = await hear?.({ partnerId, from, to })
  return section(
    lines
      ? 'What became of consents to this partner in production, with the place of each line in the cell’s journal'
      : 'What became of consents to this partner: the production cell could not be asked when this pack was made',
    ['at', 'consentId', 'move', 'by', 'channel', 'applicationId', 'type', 'seq'],
    lines ?? [],
    LINES,
  )
}
