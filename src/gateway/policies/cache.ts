/** An answer that is about nobody need not be fetched for each caller: it is recalled, or fetched once for all who ask. */
import { type Call, type Gateway, identityOf } from '../call.ts'

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
        await found.until
        break
      case 'pass':
        return
    }
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
