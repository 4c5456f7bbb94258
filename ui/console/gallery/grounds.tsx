/** Colours, type, signs and formats: what everything else stands on. */
import { Icon, type IconName, iconNames } from '../../kit/icons.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, Facts } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'

const families = {
  ground: ['canvas', 'surface', 'sunken', 'raised', 'hover', 'selected', 'shade'],
  line: ['line', 'line-strong', 'line-control'],
  ink: ['ink', 'ink-2', 'ink-3'],
  accent: ['accent', 'accent-fill', 'accent-soft', 'accent-line', 'focus'],
  environment: [
    'sandbox',
    'sandbox-fill',
    'sandbox-soft',
    'production',
    'production-fill',
    'production-soft',
  ],
  status: ['good', 'good-soft', 'warn', 'warn-soft', 'bad', 'bad-soft', 'quiet', 'quiet-soft'],
  class: [
    'class-public-bg',
    'class-personal-bg',
    'class-financial-bg',
    'class-card-bg',
    'class-secret-bg',
  ],
  chart: ['chart-1', 'chart-2', 'chart-3', 'chart-4', 'chart-5'],
} as const

const sizes = ['t-12', 't-13', 't-14', 't-16', 't-18', 't-20', 't-26', 't-36', 't-48'] as const

export const Grounds = () => {
  const text = useText()
  return (
    <>
      <Card title={text('gallery.colours')}>
        <div className="pad stack">
          {(Object.keys(families) as (keyof typeof families)[]).map((family) => (
            <section key={family}>
              <h3>{text(`gallery.colours.${family}`)}</h3>
              <ul className="swatches">
                {families[family].map((token) => (
                  <li key={token}>
                    <svg aria-hidden="true">
                      <rect width="100%" height="100%" fill={`var(--${token})`} />
                    </svg>
                    <code>{token}</code>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      </Card>
      <Card title={text('gallery.type')} foot={text('gallery.type.about')}>
        <div className="pad stack">
          {sizes.map((size) => (
            <p key={size} className={`size-${size}`}>
              {text('gallery.sample')} <code className="tiny dim">{size}</code>
            </p>
          ))}
          <p>
            <code>oʻ gʻ ʼ ў қ ғ ҳ → 0O 1lI {'{ "amount": "4812350.00" }'}</code>
          </p>
        </div>
      </Card>
      <Formats />
      <Card title={text('gallery.signs')}>
        <ul className="signs pad">
          {iconNames.map((name: IconName) => (
            <li key={name}>
              <Icon name={name} />
              <code>{name}</code>
            </li>
          ))}
        </ul>
      </Card>
    </>
  )
}

const MOMENT = '2026-11-23T09:06:41Z'

/** Numbers, money and time, as the reader's language writes them. */
const Formats = () => {
  const text = useText()
  const format = useFormat()
  return (
    <Card title={text('gallery.formats')} beside={<span className="small dim">{format.zone}</span>}>
      <div className="pad">
        <Facts
          rows={[
            [text('gallery.formats.number'), format.number('-4812350.5')],
            [
              text('gallery.formats.amount'),
              format.amount({ amount: '4812350.00', currency: 'UZS' }),
            ],
            [text('gallery.formats.other'), format.amount({ amount: '1250.40', currency: 'USD' })],
            [text('gallery.formats.day'), format.dateOf(MOMENT)],
            [text('gallery.formats.time'), format.timeOf(MOMENT, 'second')],
            [text('gallery.formats.moment'), format.momentOf(MOMENT)],
            [text('gallery.formats.span'), format.span(93_784_000)],
          ]}
        />
      </div>
    </Card>
  )
}
