import { i18n } from '@lingui/core'
import { type Language, language } from './preferences'

const CATALOGS = {
  it: () => import('../words/locales/it'),
  en: () => import('../words/locales/en'),
}

export async function speak(chosen: Language) {
  const { messages } = await CATALOGS[chosen]()
  i18n.loadAndActivate({ locale: chosen, messages })
  document.documentElement.lang = chosen
}

language.subscribe(() => void speak(language.get()))
