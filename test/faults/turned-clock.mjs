/** Given to a process by `--import`: its clock is as far off as the file says, in milliseconds, read ten times a second. */
import { readFileSync } from 'node:fs'

const file = process.env.DRILL_CLOCK_FILE
let offMs = 0
const look = () => {
  try {
    offMs = Number(readFileSync(file, 'utf8')) || 0
  } catch {
    offMs = 0
  }
}
look()
setInterval(look, 100).unref()

const RealDate = Date
const realNow = Date.now.bind(Date)
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(realNow() + offMs)
    else super(...given)
  }
  static now() {
    return realNow() + offMs
  }
}
const instant = Temporal.Now.instant.bind(Temporal.Now)
Temporal.Now.instant = () => instant().add({ milliseconds: offMs })
