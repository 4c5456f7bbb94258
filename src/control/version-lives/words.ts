/** What partners are told of versions: in English, Russian and Uzbek, in one letter. */

interface Words {
  readonly title: string
  readonly body: string
}

const letter = (title: string, ...paragraphs: readonly string[]): Words => ({
  title,
  body: paragraphs.join('\n\n'),
})

export const deprecatedWords = (one: { version: string; newest: string; sunset: string }): Words =>
  letter(
    `Version ${one.version} will end on ${one.sunset}`,
    `Version ${one.version} of our APIs is deprecated and will be served until ${one.sunset}. Please move to ${one.newest}: the portal shows what each change means for your applications, and lets you try it call by call with Api-Version. Please confirm in the portal that you have read this.`,
    `Версия ${one.version} наших API признана устаревшей и будет обслуживаться до ${one.sunset}. Пожалуйста, перейдите на ${one.newest}: на портале показано, что каждое изменение значит для ваших приложений, а заголовок Api-Version позволяет проверить его на отдельных вызовах. Подтвердите на портале, что вы прочитали это уведомление.`,
    `API’larimizning ${one.version} versiyasi eskirgan deb e’lon qilindi va ${one.sunset} sanasigacha xizmat ko‘rsatadi. Iltimos, ${one.newest} versiyasiga o‘ting: portalda har bir o‘zgarish ilovalaringiz uchun nimani anglatishi ko‘rsatilgan, Api-Version sarlavhasi bilan uni alohida chaqiruvlarda sinab ko‘rish mumkin. Ushbu xabarni o‘qiganingizni portalda tasdiqlang.`,
  )

export const extendedWords = (one: { version: string; until: string }): Words =>
  letter(
    `You have until ${one.until} to leave version ${one.version}`,
    `For you version ${one.version} is served until ${one.until}.`,
    `Для вас версия ${one.version} будет обслуживаться до ${one.until}.`,
    `Siz uchun ${one.version} versiyasi ${one.until} sanasigacha xizmat ko‘rsatadi.`,
  )

export const brownoutWords = (one: {
  version: string
  cell: string
  startsAt: string
  endsAt: string
  /** Whether this partner agreed that payments are refused as well. */
  payments: boolean
}): Words =>
  letter(
    `Version ${one.version} is refused for some hours in ${one.cell}`,
    `From ${one.startsAt} to ${one.endsAt} calls of version ${one.version} in ${one.cell} are answered with 410 and gateway/version-brownout, so that nobody is surprised when it ends. ${one.payments ? 'As agreed, payments are refused too.' : 'Payments go on.'}`,
    `С ${one.startsAt} по ${one.endsAt} на вызовы версии ${one.version} (${one.cell}) шлюз отвечает 410 gateway/version-brownout, чтобы её окончание никого не застало врасплох. ${one.payments ? 'По договорённости отклоняются и платежи.' : 'Платежи продолжают работать.'}`,
    `${one.startsAt} dan ${one.endsAt} gacha ${one.version} versiyasi chaqiruvlariga (${one.cell}) shlyuz 410 gateway/version-brownout bilan javob beradi: shunda uning tugashi hech kim uchun kutilmagan bo‘lmaydi. ${one.payments ? 'Kelishuvga ko‘ra to‘lovlar ham rad etiladi.' : 'To‘lovlar davom etadi.'}`,
  )

export const retiredWords = (one: { version: string; newest: string }): Words =>
  letter(
    `Version ${one.version} has ended`,
    `Calls of version ${one.version} are refused with 410 and gateway/version-retired. Please use ${one.newest}.`,
    `Вызовы версии ${one.version} отклоняются с кодом 410 gateway/version-retired. Используйте ${one.newest}.`,
    `${one.version} versiyasi chaqiruvlari 410 gateway/version-retired bilan rad etiladi. ${one.newest} versiyasidan foydalaning.`,
  )

export const comingWords = (one: {
  product: string
  day: string
  summary: { en: string; ru: string; uz: string }
}): Words =>
  letter(
    `A change of ${one.product} takes effect on ${one.day}`,
    `${one.summary.en} It takes effect on ${one.day}, for all versions. Please confirm in the portal that you have read this.`,
    `${one.summary.ru} Вступает в силу ${one.day} для всех версий. Подтвердите на портале, что вы прочитали это уведомление.`,
    `${one.summary.uz} ${one.day} sanasidan barcha versiyalar uchun kuchga kiradi. Ushbu xabarni o‘qiganingizni portalda tasdiqlang.`,
  )

export const keptWords = (one: { version: string }): Words =>
  letter(
    `Version ${one.version} does not end`,
    `We have taken back what we announced: version ${one.version} of our APIs is served on, and no hours of refusal are planned. You need not do anything.`,
    `Мы отменяем объявленное: версия ${one.version} наших API обслуживается и дальше, часы отказа не запланированы. От вас ничего не требуется.`,
    `E’lon qilganimizni bekor qilamiz: API’larimizning ${one.version} versiyasi xizmat ko‘rsatishda davom etadi, rad etish soatlari rejalashtirilmagan. Sizdan hech narsa talab qilinmaydi.`,
  )

export const calledOffWords = (one: {
  product: string
  day: string
  summary: { en: string; ru: string; uz: string }
}): Words =>
  letter(
    `A change of ${one.product} is called off`,
    `What we announced for ${one.day} does not happen: ${one.summary.en} You need not do anything.`,
    `Объявленное на ${one.day} изменение отменено: ${one.summary.ru} От вас ничего не требуется.`,
    `${one.day} sanasiga e’lon qilingan o‘zgarish bekor qilindi: ${one.summary.uz} Sizdan hech narsa talab qilinmaydi.`,
  )
