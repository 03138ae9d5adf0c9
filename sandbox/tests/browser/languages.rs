//! An order, a renewal and a decline as people read them in Arabic and in Russian.

use crate::browser::{Browser, is_there};
use crate::sandbox::receipt;
use crate::tour::{approved, ends_clean, opened};
use serde_json::json;

/// What must be read on the way, and how what is picked begins.
struct Words {
    locale: &'static str,
    which_plan: &'static str,
    plan: &'static str,
    how_to_pay: &'static str,
    method: &'static str,
    stands: &'static str,
    send: &'static str,
    taken: &'static str,
    link: &'static str,
    active: &'static str,
    renew: &'static str,
    which_renewal: &'static str,
    renewal: &'static str,
    after: &'static str,
    renewed: &'static str,
    declined: &'static str,
}

const ARABIC: Words = Words {
    locale: "ar",
    which_plan: "أي باقة تريد؟",
    plan: "الأساسية",
    how_to_pay: "كيف تود أن تدفع؟",
    method: "فودافون كاش",
    stands: "تم تسجيل طلبك",
    send: "أرسل 100.00 EGP",
    taken: "وصلنا إثبات دفع",
    link: "رابطك",
    active: "يعمل",
    renew: "تجديد",
    which_renewal: "تضاف كل باقة إلى ما لديك",
    renewal: "الباقة الأساسية · السعر",
    after: "بعد الدفع",
    renewed: "تم تجديد",
    declined: "تم الرفض",
};

const RUSSIAN: Words = Words {
    locale: "ru",
    which_plan: "Какой тариф?",
    plan: "Базовый",
    how_to_pay: "Как вам удобно заплатить?",
    method: "Vodafone Cash",
    stands: "Заказ оформлен",
    send: "Отправьте 100.00 EGP",
    taken: "Подтверждение оплаты заказа",
    link: "Ваша ссылка",
    active: "Работает",
    renew: "Продлить",
    which_renewal: "Каждый тариф прибавляется",
    renewal: "Базовый · 100.00",
    after: "После оплаты",
    renewed: "доступ продлён",
    declined: "Отклонено",
};

impl Browser {
    /// The language of the Discord of whoever one is.
    async fn speak(&self, locale: &str) {
        let choose = "const list = document.querySelector('#locale'); list.value = arguments[0]; \
             list.dispatchEvent(new Event('change', { bubbles: true }))";
        self.ask(choose, &[json!(locale)]).await;
    }

    async fn pays_in(&self, words: &Words, picture: &str) {
        self.sees(words.how_to_pay).await;
        self.pick(words.method).await;
        self.sees(words.stands).await;
        self.visit_new_thread().await;
        self.sees(words.send).await;
        self.pay(&receipt(picture)).await;
        self.sees(words.taken).await;
    }

    async fn orders_in(&self, words: &Words, who: &str, picture: &str) {
        self.be(who).await;
        self.speak(words.locale).await;
        self.visit("store").await;
        self.press("Buy").await;
        self.sees(words.which_plan).await;
        self.pick(words.plan).await;
        self.pays_in(words, picture).await;
    }
}

async fn goes_through(words: &Words) {
    let (browser, sandbox) = opened().await;
    browser.orders_in(words, "alice", "receipt.png").await;
    approved(&browser).await;
    browser.be("alice").await;
    browser.visit("NebulaLinks").await;
    browser.sees("vless://").await;
    browser.sees(words.link).await;

    browser.visit("store").await;
    browser.press("My account").await;
    browser.sees(words.active).await;
    browser.press(words.renew).await;
    browser.sees(words.which_renewal).await;
    browser.pick(words.renewal).await;
    browser.sees(words.after).await;
    browser.pays_in(words, "receipt-2.png").await;
    approved(&browser).await;
    browser.be("alice").await;
    browser.visit("NebulaLinks").await;
    browser.sees(words.renewed).await;

    browser.orders_in(words, "bob", "receipt-3.png").await;
    browser.declines("10 EGP").await;
    browser.be("bob").await;
    browser.visit("NL-").await;
    browser.sees(words.declined).await;
    browser.sees("10 EGP").await;
    ends_clean(browser, sandbox).await;
}

#[tokio::test]
async fn an_order_a_renewal_and_a_decline_are_read_in_arabic() {
    if is_there() {
        goes_through(&ARABIC).await;
    }
}

#[tokio::test]
async fn an_order_a_renewal_and_a_decline_are_read_in_russian() {
    if is_there() {
        goes_through(&RUSSIAN).await;
    }
}
