import { coreContract } from '../core.contract.ts'
import { faultsContract } from '../faults.contract.ts'
import { allLayouts, operations } from './layouts.ts'
import { openCoreOn, startSimulator, wholeFile } from './simulator-process.ts'

const file = wholeFile()
/** Whoever waits for a line that is cut need not wait long. */
const impatient = {
  connectMs: 500,
  answerMs: 2_000,
  waitMs: 3_000,
  graceMs: 100,
  inquiryPausesMs: [50, 200],
}

const fields = new Set(
  allLayouts.flatMap((layout) => [layout.name, ...layout.fields.map(({ name }) => name)]),
)
const codes = Object.values(operations).map(({ code }) => code)

coreContract('the legacy core', async () => {
  const simulator = await startSimulator(file)
  const { core } = openCoreOn(simulator, file)
  return {
    core,
    world: {
      person: '90000002',
      purse: '9000000201',
      second: '9000000202',
      organisation: '90000105',
      till: '9000010501',
      poor: '9000001202',
      closed: '9000000603',
      nobody: { customer: '90009999', account: '9000999901', number: '80206000000000099999' },
      ownWords: [
        new RegExp(`\\b(${[...fields].join('|')})\\b`),
        new RegExp(`\\b(${codes.join('|')}|0[2-9]\\d\\d)\\b`),
        /НЕ НАЙДЕН|ЗАКРЫТ|НЕДОСТАТОЧНО/,
        /^\d{6}$/,
      ],
    },
  }
})

faultsContract('the legacy core', async () => {
  const simulator = await startSimulator(file)
  return {
    target: { host: '127.0.0.1', port: simulator.port },
    open: ({ port }) => openCoreOn({ port }, file, { timeouts: impatient }).core,
    world: { person: '90000002', purse: '9000000201', till: '9000010501' },
    night: {
      begin: () => simulator.control('window shut 90'),
      end: () => simulator.control('window open'),
    },
  }
})
