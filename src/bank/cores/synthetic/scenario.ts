/**
 * The make-believe core as a partner asked it to be for one call. Only the core plays: what the bank makes of it is what it
 * would make of a real one. The names are part of the sandbox's contract: `x-sandbox-scenarios` of the documents.
 */
import type { Problem } from '#kernel/problem.ts'
import { type Core, coreBusy, coreClosed, coreUnavailable, coreUnclear } from '../core.ts'
import type { PlayedEnding } from '../worlds.ts'

type Play = (core: Core) => Core

/** Every transfer and hold is refused with this code of ISO 20022, and nothing moves. */
const refusing =
  (reasonCode: string): Play =>
  (core) => ({
    ...core,
    transfer: async () => ({ status: 'rejected', reasonCode }),
    ...(core.holds && {
      holds: { ...core.holds, place: async () => ({ status: 'rejected', reasonCode }) },
    }),
  })

/** Whatever is asked of the core, this is what comes. */
const failing =
  (failure: () => Problem): Play =>
  (core) => {
    const fail = async () => {
      throw failure()
    }
    return {
      ...core,
      customer: fail,
      identity: fail,
      examine: fail,
      accountsOf: fail,
      account: fail,
      accountByNumber: fail,
      balances: fail,
      entries: fail,
      bookedAt: fail,
      arrangements: fail,
      transfer: fail,
      transferByReference: fail,
      openCardAccount: fail,
      holds: { place: fail, capture: fail, release: fail, cancel: fail, credit: fail },
      ping: fail,
    }
  }

const ending =
  (how: PlayedEnding): Play =>
  (core) => {
    const { outside } = core
    return outside ? { ...core, transfer: (order) => outside.send(order, how) } : core
  }

const plays: Readonly<Record<string, Play>> = {
  insufficient_funds: refusing('AM04'),
  limit_exceeded: refusing('AM02'),
  creditor_unknown: refusing('AC01'),
  account_closed: refusing('AC04'),
  account_blocked: refusing('AC06'),
  /** The money moves, and nobody says so: the bank finds out later by its reference. */
  timeout_then_success: (core) => ({
    ...core,
    transfer: async (order) => {
      await core.transfer(order)
      throw coreUnclear('its answer was lost')
    },
  }),
  /** A list of sanctions stops it; people look, and let it go on. */
  sanctions_hold: ending('reviewed'),
  /** It is settled, and the other bank sends the money back the next day. */
  accepted_then_returned: ending('returned'),
  /** Too late for the scheme's day: other banks have it the next one. */
  scheme_cut_off: ending('too-late'),
  core_outage: failing(() => coreUnavailable('it is away, as it was asked to be')),
  core_closed: failing(() =>
    coreClosed('it is closed for the night, as it was asked to be', {
      headers: { 'Retry-After': '600' },
    }),
  ),
  core_busy: failing(() => coreBusy('all its sessions are busy, as they were asked to be')),
  /** For its delay alone. */
  latency: (core) => core,
}

export const scenarioNames: readonly string[] = Object.keys(plays)

/** The core under a scenario; as it is where none is played, or one that is not the core's. */
export const underScenario = (core: Core, name: string | undefined): Core =>
  (name === undefined ? undefined : plays[name])?.(core) ?? core
