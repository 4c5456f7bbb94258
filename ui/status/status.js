// Reads the page again while somebody looks at it, and says so when that does not work: an old page never looks new.
const AGAIN_MS = 30_000
const old = () => document.querySelector('#live')
// By the clock that the server saw when it answered, and by how long ago that was here: nobody's own clock is asked.
let readAtMs = performance.now()

/** Marks what stands here as old once it speaks of longer ago than the server itself would stand for. */
const doubt = () => {
  const live = old()
  if (!live) return
  const age = Number(live.dataset.age) + performance.now() - readAtMs
  if (age <= Number(live.dataset.stale)) return
  const first = live.querySelector('.now-is')
  if (!first || first.classList.contains('unknown')) return
  first.className = 'now-is unknown'
  const said = document.createElement('p')
  said.setAttribute('role', 'status')
  said.textContent = live.dataset.old ?? ''
  first.querySelector('div')?.append(said)
  for (const state of live.querySelectorAll('.v')) state.className = 'v quiet'
}

const readAgain = async () => {
  const live = old()
  if (!live || document.hidden) return
  // Whoever reads the table or stands on a link is not disturbed.
  const busy = live.contains(document.activeElement) || live.querySelector('details[open]')
  try {
    const answer = await fetch(location.href, { cache: 'no-cache' })
    if (!answer.ok) throw new Error(String(answer.status))
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const fresh = next.querySelector('#live')
    if (fresh && !busy) {
      live.replaceWith(fresh)
      readAtMs = performance.now()
    }
  } catch {
    doubt()
  }
  if (busy) doubt()
}

if (old()) {
  doubt()
  setInterval(() => void readAgain(), AGAIN_MS)
  document.addEventListener('visibilitychange', () => void readAgain())
}
