/** The clock of the world that a partner is in: read, and turned forward. */
import { work } from '#journal/index.ts'
import { realTime } from '#platform/turned-clock.ts'
import type { CoreWorlds, World, WorldKeeper } from '../cores/worlds.ts'
import { coreNotSupported } from '../cores/core.ts'
import { doDueWork } from '../due-work.ts'
import { actorOf, type Caller } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { clockJson, clockRefused, type ClockTurn, turnedTo, worldNeeded } from './sandbox.ts'

/** So long a call waits for its clock to arrive; after that it goes on by itself. */
const PATIENCE_MS = 8_000

const keeperOf = (bank: BankWorld, partnerId: string): WorldKeeper => {
  const { worlds } = bank.coreFor(partnerId)
  if (!worlds)
    throw coreNotSupported('clocks can be turned in the sandbox only', { hint: 'Use the sandbox.' })
  return worlds
}

const inUse = async (worlds: CoreWorlds): Promise<World | undefined> =>
  (await worlds.list()).find((world) => world.inUse)

export const readClock = async (bank: BankWorld, { partnerId }: Caller) =>
  clockJson(await inUse(keeperOf(bank, partnerId).of(partnerId)), realTime(bank.now()))

/** Answers where the clock is: it has arrived, or `turningTo` says that it is still on its way. */
export const turnClock = async (bank: BankWorld, caller: Caller, turn: ClockTurn) => {
  const { partnerId } = caller
  const keeper = keeperOf(bank, partnerId)
  const worlds = keeper.of(partnerId)
  const world = await inUse(worlds)
  if (!world)
    throw worldNeeded('the clock of the bank that all share is real time', {
      hint: 'Create a world and go there.',
    })
  const real = realTime(bank.now())
  const to = turnedTo(turn, { real, here: real.add({ milliseconds: world.aheadMs }) })
  const turning = await worlds.turnClock(to)
  if (turning === 'past') throw clockRefused('it is on its way to a later moment already')
  if (!turning) throw worldNeeded('the world was left meanwhile')
  await work(bank.db, actorOf(caller), bank.now(), (w) =>
    w.record('sandbox.clock-turned', world.id, { partnerId, to: to.toString() }),
  )
  await keeper.keep(
    { partnerId, worldId: world.id },
    () => doDueWork(bank, partnerId),
    AbortSignal.timeout(Math.min(PATIENCE_MS, caller.withinMs / 2)),
  )
  return clockJson(await inUse(worlds), realTime(bank.now()))
}
