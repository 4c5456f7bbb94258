/** A day of the marketplace, the telecom and the energy company. */
import type { Books, Day, Side } from './books.ts'
import { about } from './chance.ts'
import { outsiders, phrases } from './merchants.ts'
import { organisations } from './organisations.ts'

const { bozorMarket, chorsuTekstil, samarqandNon, fargonaChinni } = organisations
const { anorTelekom, taxTreasury, tezkorYetkazish, toshkentEnergo } = organisations

/** What subscribers and households pay every week. */
export const takings = {
  subscribers: 'Abonentlar toʻlovi',
  households: 'Isteʼmolchilar toʻlovi',
} as const

export const trade = ({ on, books, chance }: Day): void => {
  const programme = books.find(bozorMarket.coreRef, 'settlement')
  const fees = books.accounts.find((a) => a.owner === bozorMarket.coreRef && a.serial === 3)
  if (!programme || !fees) return
  const orders = on.toString().slice(5)
  const pay = (
    from: Side,
    to: Side | undefined,
    [low, high]: readonly [number, number],
    text: string,
  ) => {
    if (to) books.pay({ on, from, to, minor: about(chance, low, high), text })
  }
  const main = ({ coreRef }: { coreRef: string }) => books.find(coreRef, 'current')

  const collected = `Xaridorlar toʻlovi, buyurtmalar ${orders}`
  pay(outsiders.buyers, programme, [11_000_000, 24_000_000], collected)
  if (on.day === 10 || on.day === 25) payroll(on, main(samarqandNon), books)
  if (on.dayOfWeek > 5) return
  for (const seller of [chorsuTekstil, samarqandNon, fargonaChinni])
    pay(programme, main(seller), [2_600_000, 6_800_000], `Sotuvchiga toʻlov, ${orders}`)
  const treasury = books.find(taxTreasury.coreRef, 'settlement')
  pay(programme, treasury, [600_000, 1_500_000], `QQS, ${orders}`)
  pay(programme, fees, [300_000, 900_000], `Platforma haqi, ${orders}`)
  pay(programme, main(tezkorYetkazish), [250_000, 800_000], `Yetkazib berish, ${orders}`)
  if (on.dayOfWeek !== 5) return
  pay(outsiders.subscribers, main(anorTelekom), [40_000_000, 95_000_000], takings.subscribers)
  pay(outsiders.households, main(toshkentEnergo), [30_000_000, 60_000_000], takings.households)
}

const BAKERS = 8

/** A line for each baker, who bank elsewhere. */
const payroll = (on: Temporal.PlainDate, from: Side | undefined, books: Books) => {
  if (!from) return
  for (let baker = 1; baker <= BAKERS; baker++)
    books.pay({
      on,
      from,
      to: outsiders.bakers,
      minor: 1_450_000_00n + BigInt(baker) * 85_000_00n,
      text: `${phrases.uz.wages}, ${baker}/${BAKERS}`,
    })
}
