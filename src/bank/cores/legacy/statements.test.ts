import { statementsContract } from '../statements.contract.ts'
import { openCoreOn, startSimulator, wholeFile } from './simulator-process.ts'

const file = wholeFile()
const simulator = await startSimulator(file)
const { core } = openCoreOn(simulator, file)

statementsContract('the legacy core', core)
