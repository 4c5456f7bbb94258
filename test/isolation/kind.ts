/** One kind of attempt over the wire, and how what comes back is judged. */
import type { publicJwk, SigningKey } from '#platform/jose.ts'
import type { ProcessWorld } from '#platform/process.ts'
import type { Chance } from './chance.ts'
import { waysToForge } from './forgery.ts'
import type { Holder } from './holder.ts'
import type { Asked } from './operations.ts'
import type { Heard, Sending } from './sending.ts'

/** `unheard`: the door was too busy to look; it does not count, and is tried again. */
export type Verdict = 'refused' | 'accepted' | 'unheard'

export interface Direction {
  readonly world: ProcessWorld
  readonly sending: Sending
  readonly from: Holder
  readonly to: Holder
  readonly issuerKeys: readonly SigningKey[]
  readonly publicKeys: ReturnType<typeof publicJwk>[]
  readonly asked: readonly Asked[]
  nonce: string
  readonly surprises: string[]
}

export interface Kind {
  readonly weight: number
  /** At most so many: a registration, a handshake or a customer's part is dear, or limited for good reason. */
  readonly most?: number
  tryOnce(way: Direction, chance: Chance): Promise<Verdict>
}

const busy = ({ status, body }: Heard) =>
  status === 429 || status === 503 || String(body['code']).startsWith('gateway/verifying')

const SURPRISES_MAX = 20

/** What came instead of a refusal is kept, so that whoever reads the report can go and look. */
export const judged = (
  way: Direction,
  heard: Heard,
  refused: (heard: Heard) => boolean,
): Verdict => {
  if (busy(heard)) return 'unheard'
  if (refused(heard)) return 'refused'
  const { status, body } = heard
  const said = `${way.from.cell} → ${way.to.cell}: ${status} ${JSON.stringify(body).slice(0, 300)}`
  if (way.surprises.length < SURPRISES_MAX) way.surprises.push(said)
  return 'accepted'
}

/** A header holds no line ends; such spellings are for the functions themselves, in-process. */
export const wireWays = waysToForge.filter((way) => way !== 'another spelling')
