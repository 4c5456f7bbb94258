/** Every sample of every journey, against a house of its own or the one at `PORTICO_PORTAL`. */
import { after, before, test } from 'node:test'
import { freshData, type StartedHouse, startedHouse } from '../house.ts'
import { readWellKnown } from '../journeys/web.ts'
import { absence, journeys, languages, openDesk } from './samples.ts'

let house: StartedHouse | undefined
let desk: ReturnType<typeof openDesk>
before(async () => {
  const given = process.env['PORTICO_PORTAL']
  if (given === undefined)
    house = await startedHouse({
      data: freshData(),
      portBase: Number(process.env['PORTICO_PORT_BASE'] ?? 26_400),
    })
  desk = openDesk(await readWellKnown(given ?? house?.portal ?? ''))
})
after(async () => {
  desk.close()
  await house?.stop()
})

for (const language of languages)
  for (const journey of journeys)
    test(
      `the ${journey} journey works as it stands in ${language.name}`,
      {
        skip: absence(language),
      },
      () => desk.walk(language, journey),
    )
