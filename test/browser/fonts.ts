/** Which font really drew a sign, asked of the browser itself. */
import type { Page } from 'playwright-core'

export const fontsThatDrew = async (
  page: Page,
  sign: string,
  family: string,
): Promise<string[]> => {
  await page.evaluate(
    async ({ text, font }) => {
      const sample = document.createElement('p')
      sample.id = 'font-sample'
      sample.style.fontFamily = font
      sample.textContent = text
      document.querySelector('#font-sample')?.remove()
      document.body.append(sample)
      await document.fonts.ready
    },
    { text: sign, font: family },
  )
  const session = await page.context().newCDPSession(page)
  await session.send('DOM.enable')
  await session.send('CSS.enable')
  const { root } = await session.send('DOM.getDocument')
  const { nodeId } = await session.send('DOM.querySelector', {
    nodeId: root.nodeId,
    selector: '#font-sample',
  })
  const { fonts } = await session.send('CSS.getPlatformFontsForNode', { nodeId })
  await session.detach()
  return fonts.map((font) => font.familyName)
}
