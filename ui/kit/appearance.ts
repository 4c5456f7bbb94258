/** Light or dark: the reader's system decides until the reader does. `public/appearance.js` applies it before paint. */
export type Appearance = 'light' | 'dark'

const KEPT = 'portico.appearance'

export const appearance = (): Appearance => {
  const chosen = document.documentElement.dataset['theme']
  if (chosen === 'light' || chosen === 'dark') return chosen
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export const chooseAppearance = (chosen: Appearance) => {
  document.documentElement.dataset['theme'] = chosen
  localStorage.setItem(KEPT, chosen)
}
