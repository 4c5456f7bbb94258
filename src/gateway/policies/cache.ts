/** An answer that is about nobody need not be fetched for each caller: it is recalled, or fetched once for all who ask. */
import { type Call, type Gateway, identityOf } from '../call.ts'
import { deadlinePassed } from '../upstream/upstream.ts'
import { DEADLINE_MS } from './protect.ts'

/** Where the calls that it waited for come back with nothing, it goes itself. */
const WAITS_MAX = 2

/** In front of `protect`: what is recalled takes no place at the core. Behind all that decides whether the call may be. */
export const recall = (call: Call, gateway: Gateway): void | Promise<void> => {
  const { cache } = call.operation
  if (cache === null || cache.seconds === 0 || call.scenario) return
  return recalled(call, gateway, cache.vary)
}

const recalled = async (
  call: Call,
  gateway: Gateway,
  vary: readonly ('partner' | 'application')[],
): Promise<void> => {
  const key = keyOf(call, vary)
  for (let waits = 0; ; waits++) {
    const found = gateway.cache.ask(call.operation, key)
    switch (found.kind) {
      case 'kept':
        call.upstream = found.kept.answer
        call.keptS = found.kept.ageS
        return
      case 'fetch':
        call.fetch = found.fetch
        return
      case 'wait':
        if (waits === WAITS_MAX) return
        await inTime(found.until, call)
        break
      case 'pass':
        return
    }
  }
}

/** Whoever fetches may be slow, and it came earlier: each call has its own time (G15). */
const inTime = async (until: Promise<void>, { startedMs }: Call): Promise<void> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(deadlinePassed('the call that fetches it took too long; nothing was done')),
    startedMs + DEADLINE_MS - performance.now(),
  )
  try {
    await Promise.race([until, late])
  } finally {
    clearTimeout(timer)
  }
}

/** All that an upstream could answer by: its address as it is asked, the version, and who asks where the document says so. */
const keyOf = (call: Call, vary: readonly ('partner' | 'application')[]): string => {
  const { application } = identityOf(call)
  const who = vary.map((one) => (one === 'partner' ? application.partner.id : application.id))
  return [call.version ?? '', ...who, call.head.path, call.head.query].join(' ')
}

/** Behind `release`, whatever came of it: only what was let out is kept, for whoever may see it next. */
export const keep = ({ fetch, answer, upstream }: Call): void => {
  if (!fetch) return
  if (upstream?.status === 200 && answer && answer.refusal === undefined) fetch.keep(upstream)
  else fetch.fail()
}
