/** The pages on which somebody asks for letters, says yes, and ends them: forms without a script. */
import { type Html, html, type Piece } from '#platform/html.ts'
import { ownNames, say, type Word } from '../texts/index.ts'
import { type Around, document, plain, there } from './frame.ts'

const link = (href: string, text: string): Html => html`<a href="${href}">${text}</a>`

/** A sentence with links in the places of its names. */
const withLinks = (text: string, links: Readonly<Record<string, Html>>): Piece[] =>
  text.split(/(\{\w+\})/).map((part) => links[part.slice(1, -1)] ?? part)

export const askForm = (around: Around, fault?: Word, address = ''): string => {
  const { base, language } = around
  return document(
    around,
    say(language, 'subscribe'),
    html`<section class="one">
      <h1>${say(language, 'subscribe')}</h1>
      <p>${say(language, 'subscribe.about')}</p>
      <form method="post" action="${base}/subscriptions">
        <div class="field">
          <label for="address">${say(language, 'subscribe.address')}</label>
          <input
            class="in"
            id="address"
            name="address"
            type="email"
            autocomplete="email"
            maxlength="254"
            required
            value="${address}"
            ${fault && html`aria-invalid="true" aria-describedby="fault"`}
          />
          ${fault && html`<p class="fault" id="fault" role="alert">${say(language, fault)}</p>`}
        </div>
        <fieldset>
          <legend>${say(language, 'subscribe.language')}</legend>
          ${ownNames.map(
            ([other, , name]) =>
              html`<label class="choice" lang="${other}"
                ><input
                  type="radio"
                  name="language"
                  value="${other}"
                  ${other === language && html`checked`}
                />
                ${name}</label
              >`,
          )}
        </fieldset>
        <button class="b main-act" type="submit">${say(language, 'subscribe.act')}</button>
      </form>
      <p>
        ${withLinks(say(language, 'subscribe.without'), {
          atom: link(`${base}/feed.atom?lang=${language}`, say(language, 'feed.atom')),
          rss: link(`${base}/feed.rss?lang=${language}`, say(language, 'feed.rss')),
          calendar: link(`${base}/calendar.ics?lang=${language}`, say(language, 'feed.calendar')),
        })}
      </p>
      <p class="back">${link(there(around, '/'), say(language, 'back'))}</p>
    </section>`,
  )
}

/** Opening a link does nothing yet: mailers and scanners open links too. */
export const pressPage = (
  around: Around,
  { does, token, address }: { does: 'confirm' | 'end'; token: string; address: string },
): string => {
  const { base, language } = around
  return plain(around, {
    title: say(language, does),
    about: say(language, `${does}.about`, { address }),
    more: html`<form method="post" action="${base}/subscriptions/${does}?token=${token}">
      <button class="b main-act" type="submit">${say(language, `${does}.act`)}</button>
    </form>`,
  })
}

export const saidPage = (
  around: Around,
  said: 'asked' | 'confirmed' | 'ended',
  address = '',
): string =>
  plain(around, {
    title: say(around.language, said),
    about: say(around.language, `${said}.about`, { address }),
  })

export const refusedPage = (around: Around, why: Word): string =>
  plain(around, { title: say(around.language, 'refused.title'), about: say(around.language, why) })
