/** The Samarkand star and cross, laid by a rule: the same place always has the same tile. */

const STEP = 40

/** An eight-pointed star of radius 20 about the origin. */
const star = Array.from({ length: 16 }, (_, point) => {
  const radius = point % 2 === 0 ? STEP / 2 : STEP / 2.613
  const angle = (point * Math.PI) / 8
  return `${(radius * Math.cos(angle)).toFixed(1)},${(radius * Math.sin(angle)).toFixed(1)}`
}).join(' ')

/** A tone between 0 and 6, mostly pale: scattered, but not by chance (a pictured page must stay the same). */
const toneAt = (column: number, row: number): number => {
  const mixed = Math.imul(column * 374_761_393 + row * 668_265_263, 1_274_126_177) >>> 0
  const share = (mixed ^ (mixed >>> 15)) % 100
  const upTo = [20, 66, 82, 92, 96, 98, 100]
  return upTo.findIndex((bound) => share < bound)
}

export const Tiles = ({ columns = 19, rows = 15 }: { columns?: number; rows?: number }) => (
  <svg
    className="tiles"
    viewBox={`0 0 ${columns * STEP} ${rows * STEP}`}
    preserveAspectRatio="xMaxYMin slice"
    aria-hidden="true"
  >
    {Array.from({ length: columns * rows }, (_, at) => {
      const [column, row] = [at % columns, Math.floor(at / columns)]
      return (
        <polygon
          key={at}
          className={`tone-${toneAt(column, row)}`}
          points={star}
          transform={`translate(${column * STEP + STEP / 2} ${row * STEP + STEP / 2})`}
        />
      )
    })}
  </svg>
)
