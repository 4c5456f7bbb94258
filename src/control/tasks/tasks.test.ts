import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problem } from '#kernel/problem.ts'
import * as partners from '#control/partners/routes.ts'
import { openTestOffices } from '#test/offices.ts'
import { doTask, type TaskView } from './index.ts'
import { consoleRoutes, portalRoutes } from './routes.ts'

const offices = await openTestOffices({
  portal: [partners.portalRoutes, portalRoutes],
  console: [consoleRoutes],
})
const where = { db: offices.db, world: offices.context.world }
const finance = await offices.staff('finance')
const listed = async (ask = finance, path = '/api/tasks'): Promise<TaskView[]> => {
  const { status, body } = await ask('GET', path)
  assert.equal(status, 200, JSON.stringify(body))
  return body['data'] as TaskView[]
}
const ofBank = {
  kind: 'price-replay',
  about: { version: '2027-01' },
  partnerId: null,
  askedBy: 'staff:somebody',
  steps: 4,
} as const
/** Work that stands still until it is let go on. */
const held = (task: Parameters<typeof doTask>[1]['task']) => {
  const gate = Promise.withResolvers<string>()
  const begun = Promise.withResolvers<void>()
  const doing = doTask(where, {
    task,
    act: async (progress) => {
      await progress(1)
      begun.resolve()
      return gate.promise
    },
    resultOf: (made) => made,
  })
  return { begun: Promise.race([begun.promise, doing]), doing, ...gate }
}

test('long work is seen while it goes on by who did not begin it, and says where what came of it stands', async () => {
  const work = held(ofBank)
  await work.begun
  const [seen] = await listed(await offices.staff('head'))
  assert.deepEqual(
    [seen?.kind, seen?.about, seen?.state, seen?.stepsDone, seen?.steps, seen?.result],
    ['price-replay', { version: '2027-01' }, 'running', 1, 4, null],
  )

  work.resolve('replay_1')
  assert.equal(await work.doing, 'replay_1')
  const [ended] = await listed()
  assert.deepEqual([ended?.state, ended?.stepsDone, ended?.result], ['done', 4, 'replay_1'])
  assert.ok(ended?.endedAt)
})

test('work that failed says why by its code, and whoever asked hears the failure itself', async () => {
  const refused = problem('tasks-test/refused', 422, 'The file cannot be read')
  for (const [cause, fault] of [
    [refused('line 3'), 'tasks-test/refused'],
    [new Error('a secret of the house'), 'tasks/failed'],
  ] as const) {
    const work = held(ofBank)
    await work.begun
    work.reject(cause)
    await assert.rejects(work.doing, (error) => error === cause)
    const [ended] = await listed()
    assert.deepEqual([ended?.state, ended?.fault], ['failed', fault])
    assert.ok(!JSON.stringify(ended).includes('secret'))
  }
})

test('work whose process died is told as broken off, not as going on', async () => {
  const work = held({ ...ofBank, kind: 'register-import' })
  await work.begun
  const state = async () => (await listed(finance, '/api/tasks?kind=register-import'))[0]?.state
  offices.pass({ seconds: 59 })
  assert.equal(await state(), 'running')
  offices.pass({ seconds: 2 })
  assert.equal(await state(), 'broken-off')
  work.resolve('late')
  await work.doing
  assert.equal(await state(), 'done')
})

test('a partner sees its own long work alone, and the bank’s list none of it', async () => {
  const [anor, nok] = [await offices.newcomer(), await offices.newcomer()]
  const work = held({ ...ofBank, kind: 'world', partnerId: anor.id })
  await work.begun
  const kinds = async (ask: typeof finance) => (await listed(ask)).map(({ kind }) => kind)
  assert.deepEqual(await kinds(anor.visit), ['world'])
  assert.deepEqual(await kinds(nok.visit), [])
  assert.ok(!(await kinds(finance)).includes('world'))
  work.resolve('')
  await work.doing
})

test('what ended more than a week ago is told no more', async () => {
  offices.pass({ hours: 24 * 8 })
  const work = held(ofBank)
  await work.begun
  const states = (await listed(await offices.staff('head'))).map(({ state }) => state)
  assert.deepEqual(states, ['running'])
  work.resolve('')
  await work.doing
})
