import { freshDatabase } from '#test/world.ts'
import { openTrial, refs } from '../../trial.ts'
import { holdsContract } from '../holds.contract.ts'

const { soundCore } = await openTrial((await freshDatabase('cell')).as('bank'))

holdsContract('the synthetic core', soundCore, {
  purse: refs.payer.current,
  poor: refs.other.current,
  closed: refs.payer.closed,
  nobody: '89999999-999',
})
