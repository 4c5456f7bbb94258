/** What a partner asked the sandbox to play during this call. It goes with the call, so that no room has to hand it on. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Caller } from '#platform/caller.ts'
import type { Server } from '#platform/http.ts'

type Scenario = NonNullable<Caller['scenario']>

const underWay = new AsyncLocalStorage<Scenario>()

/** Undefined outside of a call, and in one that asks for nothing. */
export const scenarioPlayed = (): Scenario | undefined => underWay.getStore()

/** For tests, and whoever else makes a call without a wire. */
export const whilePlaying = <T>(scenario: Scenario, body: () => T): T =>
  underWay.run(scenario, body)

/** Behind the body's arrival: what a parser calls back would run outside of it. */
export const playScenarios = (server: Server): void => {
  server.addHook('preHandler', (request, _reply, done) => {
    const scenario = request.partnerCall?.scenario
    if (!scenario) return done()
    setTimeout(() => underWay.run(scenario, done), scenario.delayMs)
  })
}
