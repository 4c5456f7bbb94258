/** A day of the marketplace, the telecom and the energy company. */
import type { Day, Side } from './books.ts'
import { about } from './chance.ts'
import { outsiders } from './merchants.ts'
import { organisations } from './people.ts'

const { bozorMarket, chorsuTekstil, samarqandNon, fargonaChinni } = organisations
const { anorTelekom, taxTreasury, tezkorYetkazish, toshkentEnergo } = organisations

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
  if (on.dayOfWeek > 5) return
  for (const seller of [chorsuTekstil, samarqandNon, fargonaChinni])
    pay(programme, main(seller), [2_600_000, 6_800_000], `Sotuvchiga toʻlov, ${orders}`)
  const treasury = books.find(taxTreasury.coreRef, 'settlement')
  pay(programme, treasury, [600_000, 1_500_000], `QQS, ${orders}`)
  pay(programme, fees, [300_000, 900_000], `Platforma haqi, ${orders}`)
  pay(programme, main(tezkorYetkazish), [250_000, 800_000], `Yetkazib berish, ${orders}`)
  if (on.dayOfWeek !== 5) return
  pay(outsiders.subscribers, main(anorTelekom), [40_000_000, 95_000_000], 'Abonentlar toʻlovi')
  pay(
    outsiders.households,
    main(toshkentEnergo),
    [30_000_000, 60_000_000],
    'Isteʼmolchilar toʻlovi',
  )
}
