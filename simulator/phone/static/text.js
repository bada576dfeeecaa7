// Every word of the phone that is not a message, in Japanese and English.

const WORDS = {
  ja: {
    title: "LINE シミュレーター",
    subtitle: "開発・お試し用の電話です。実際の LINE には何も送られません。",
    people: "登場人物",
    addPerson: "人を追加",
    name: "名前",
    language: "言語",
    phone: "電話番号",
    add: "追加",
    cancel: "キャンセル",
    friend: "友だち",
    notFriend: "未追加",
    blocked: "ブロック中",
    sms: "SMS",
    noSms: "届いた SMS がここに並びます。",
    copyCode: "コードをコピー",
    copied: "コピーしました：{text}",
    now: "今",
    log: "いま起きていること",
    noLog: "トークで何かすると、ここに記録されます。",
    follow: "友だち追加",
    block: "ブロック",
    unblock: "ブロック解除",
    followHint: "友だちに追加すると、お知らせやクーポンを受け取れます。",
    blockedNote: "このアカウントをブロックしています。",
    input: "メッセージを入力",
    send: "送信",
    read: "既読",
    today: "今日",
    yesterday: "昨日",
    toKeyboard: "キーボードに切り替え",
    toMenu: "メニューに切り替え",
    openMenu: "メニューを開く",
    closeMenu: "メニューを閉じる",
    peopleList: "人の一覧",
    chatMenu: "トークの設定",
    close: "閉じる",
    back: "戻る",
    set: "決定",
    date: "日付を選択",
    time: "時刻を選択",
    datetime: "日時を選択",
    openLink: "リンクを開く",
    openOutside: "外部ブラウザーで開く",
    openOutsideHint: "このリンクは LIFF ではないので、別のタブで開きます。",
    notHere: "シミュレーターでは使えない機能です。",
    noSound: "この音声は再生できません。",
    failed: "うまくいきませんでした：{text}",
    offline: "シミュレーターに接続できません。再接続しています…",
    photo: "写真",
    video: "動画",
    audio: "音声",
    sticker: "スタンプ",
    location: "位置情報",
    coupon: "クーポン",
    couponUse: "クーポンを見る",
    template: "ボタン",
    imagemap: "画像リンク",
    flex: "Flex",
    file: "ファイル",
    unknown: "表示できないメッセージ",
    text: "テキスト",
    typing: "入力中",
    quick: "クイックリプライ",
    menu: "リッチメニュー",
    chat: "トーク",
    via: "{via}で届いた",
    reply: "返信",
    push: "プッシュ",
    multicast: "マルチキャスト",
    broadcast: "ブロードキャスト",
    account: "アカウント",
    logSaid: "送信：{text}",
    logMenu: "リッチメニュー：{name}",
    logNoMenu: "リッチメニューなし",
    logSms: "SMS：{text}",
    logTap: "タップ：{text}",
    logLiff: "LIFF を開いた：{text}",
    logLiffClosed: "LIFF を閉じた",
    sysFollow: "友だちに追加しました",
    sysUnfollow: "ブロックしました",
    sysUnblock: "ブロックを解除しました",
    prev: "前へ",
    next: "次へ",
  },
  en: {
    title: "LINE simulator",
    subtitle: "A phone for trying things out. Nothing is sent to the real LINE.",
    people: "People",
    addPerson: "Add a person",
    name: "Name",
    language: "Language",
    phone: "Phone number",
    add: "Add",
    cancel: "Cancel",
    friend: "Friend",
    notFriend: "Not added",
    blocked: "Blocked",
    sms: "SMS",
    noSms: "Text messages that arrive are listed here.",
    copyCode: "Copy code",
    copied: "Copied: {text}",
    now: "now",
    log: "What is happening",
    noLog: "What you do in the chat is recorded here.",
    follow: "Add friend",
    block: "Block",
    unblock: "Unblock",
    followHint: "Add this account to get its news and coupons.",
    blockedNote: "You have blocked this account.",
    input: "Enter a message",
    send: "Send",
    read: "Read",
    today: "Today",
    yesterday: "Yesterday",
    toKeyboard: "Switch to keyboard",
    toMenu: "Switch to menu",
    openMenu: "Open menu",
    closeMenu: "Close menu",
    peopleList: "List of people",
    chatMenu: "Chat settings",
    close: "Close",
    back: "Back",
    set: "Set",
    date: "Pick a date",
    time: "Pick a time",
    datetime: "Pick a date and time",
    openLink: "Open link",
    openOutside: "Open in a browser",
    openOutsideHint: "This link is not a LIFF page, so it opens in another tab.",
    notHere: "The simulator cannot do this.",
    noSound: "This sound cannot be played.",
    failed: "That did not work: {text}",
    offline: "The simulator does not answer. Reconnecting…",
    photo: "Photo",
    video: "Video",
    audio: "Audio",
    sticker: "Sticker",
    location: "Location",
    coupon: "Coupon",
    couponUse: "View coupon",
    template: "Buttons",
    imagemap: "Image map",
    flex: "Flex",
    file: "File",
    unknown: "A message that cannot be shown",
    text: "Text",
    typing: "Typing",
    quick: "Quick replies",
    menu: "Rich menu",
    chat: "Chat",
    via: "by {via}",
    reply: "reply",
    push: "push",
    multicast: "multicast",
    broadcast: "broadcast",
    account: "account",
    logSaid: "Sent: {text}",
    logMenu: "Rich menu: {name}",
    logNoMenu: "No rich menu",
    logSms: "SMS: {text}",
    logTap: "Tapped: {text}",
    logLiff: "LIFF opened: {text}",
    logLiffClosed: "LIFF closed",
    sysFollow: "You added this account as a friend",
    sysUnfollow: "You blocked this account",
    sysUnblock: "You unblocked this account",
    prev: "Previous",
    next: "Next",
  },
};

let language = localStorage.getItem("phone.language") === "en" ? "en" : "ja";

export const currentLanguage = () => language;

export function setLanguage(next) {
  language = next;
  localStorage.setItem("phone.language", next);
}

export function t(key, values = {}) {
  const words = WORDS[language][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// Fills every element of the page that names its wording in data-text or data-label.
export function fillPage(root = document) {
  document.documentElement.lang = language;
  document.title = t("title");
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of root.querySelectorAll("[data-label]"))
    node.setAttribute("aria-label", t(node.dataset.label));
  for (const node of root.querySelectorAll("[data-hint]"))
    node.setAttribute("placeholder", t(node.dataset.hint));
}

export function clock(at) {
  const options =
    language === "ja" ? { hour: "2-digit", minute: "2-digit" } : { hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(language, options).format(new Date(at));
}

export function day(at) {
  const then = new Date(at);
  const days = Math.round((midnight(new Date()) - midnight(then)) / 86_400_000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  return new Intl.DateTimeFormat(language, { month: "short", day: "numeric", weekday: "short" }).format(then);
}

function midnight(when) {
  return new Date(when.getFullYear(), when.getMonth(), when.getDate()).getTime();
}
