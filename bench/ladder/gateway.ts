/** The gateway as a process of the bench: whole, or with the steps of a lower rung. */
import { z } from 'zod'
import type { Call, Gateway, Step } from '#gateway/call.ts'
import { startGateway } from '#gateway/gateway.ts'
import { order } from '#gateway/pipeline.ts'
import { authenticate } from '#gateway/policies/authenticate.ts'
import { limit } from '#gateway/policies/limit.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'

/** A bare proxy's two steps: the request goes on as it is, the answer comes back as it is. */
const passOn: Step = async (call: Call, gateway: Gateway) => {
  const seat = await gateway.upstreams.admit({
    operation: call.operation,
    partnerId: call.identity?.application.partner.id ?? '',
    priority: 0,
    untilMs: call.startedMs + 25_000,
    played: false,
  })
  call.upstream = await gateway.upstreams.ask(
    seat,
    {
      method: call.operation.method,
      path: call.head.path,
      headers: { accept: 'application/json' },
      body: null,
      echoed: false,
    },
    true,
  )
  gateway.upstreams.leave(seat)
}
const passBack: Step = (call: Call) => {
  if (!call.upstream) throw new Error('nothing came back')
  const { status, contentType, body } = call.upstream
  call.answer = {
    status,
    contentType,
    body: body.toString('latin1'),
    headers: call.headers,
    refusal: undefined,
    close: false,
  }
}

const Rung = z.enum(['T1', 'T2', 'T3', 'T4', 'T5', 'T6'])
const rung = Rung.parse(process.argv[2])
const steps: Readonly<Record<z.output<typeof Rung>, readonly Step[]>> = {
  T1: [passOn, passBack],
  T2: [authenticate, passOn, passBack],
  T3: [authenticate, limit, passOn, passBack],
  T4: order,
  T5: order,
  T6: order,
}

const settings = readSettings(process.env)
const world = {
  settings,
  layout: layoutOf(settings.PORTICO_DATA),
  ports: portsOf(settings),
  log: openLog({ process: 'gateway' }, settings.PORTICO_LOG_LEVEL),
  now: () => Temporal.Now.instant(),
  cell: 'production' as const,
}
const current = [...steps[rung]]
/** Told of another rung, it has those steps from the next call on. */
process.on('message', (said) => {
  current.splice(0, current.length, ...steps[Rung.parse(said)])
  process.send?.(said)
})
const running = await startGateway(world, current)
process.once('SIGTERM', () => {
  void running.stop().then(() => process.exit(0))
})
