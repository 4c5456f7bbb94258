/** Uzoq ish: qayerga yetgani va undan nima chiqqani. */
export const uz = {
  'tasks.running':
    '{steps} qadamdan {done} tasi bajarildi, {time} da boshlangan: {who}. Sahifadan chiqsangiz ham ish davom etadi.',
  'tasks.begun': '{time} da boshlangan: {who}. Sahifadan chiqsangiz ham ish davom etadi.',
  'tasks.done': '{time} da tayyor boʻldi, soʻragan: {who}.',
  'tasks.failed': '{time} da natija chiqmadi: {fault}. Hech narsa oʻzgarmadi.',
  'tasks.broken-off': 'Ish uzilib qoldi, hech narsa oʻzgarmadi. Uni qaytadan boshlang.',
  'tasks.import': '{register} reyestri importi, {day} holatiga',
  'tasks.replay': '{version} narxlari oʻtgan oylarda sinaldi: {months}',
  'tasks.see': 'Nima chiqqanini koʻrish',
  'tasks.somebody': 'kimdir',
}
