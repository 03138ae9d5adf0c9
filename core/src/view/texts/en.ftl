## Every text that customers and staff read, in English. Markdown as Discord renders it.
##
## Buttons that everybody sees are in the shop's default language, whoever reads: a text calls them
## { $buy }, { $my_account }, { $approve } and { $decline }. All others it refers to by their key.
## Each value that people copy stands in code or on a line of its own.

# Lengths and sizes
length-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
 }
length-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
 }
length-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
 }
# A length of several units: 1 day, then 12 hours
length-and = { $first } { $more }
# A moment in the shop's time zone
moment = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
 } { $year }, { $time } { $zone }
traffic-unlimited = unlimited traffic
traffic-bytes = { $bytes } of traffic
# The same in each of a plan's currencies
price-or = { $first } / { $more }
# Moments that follow each other
moment-then = { $first } · { $more }
# A choice of a plan, such as in a list to pick from
plan-for-price = { $name } · { $price }
left-unlimited = unlimited traffic
devices-any = any number of devices
devices-some = { $n ->
    [one] { $n } device
   *[other] { $n } devices
 }

# Buttons
button-buy = Buy
button-my-account = My account
button-renew = Renew
button-change-plan = Change plan
button-previous = ◀ Previous
button-next = Next ▶
button-show-link = Show my link
button-take-trial = Start my free trial
button-replace-link = Replace my link
button-replace-now = Replace it
button-devices = Devices
button-notices = Notifications
button-language = Language
button-guide = Guide
button-support = Support
button-ask-person = Ask a person
button-close-ticket = Close
button-mute = Switch off: { $topic }
button-unmute = Switch on: { $topic }
button-cancel = Cancel order
button-paid = I have paid
button-code = I have a code
button-invite = Invite a friend
button-approve = Approve
button-decline = Decline
button-confirm = Confirm
button-confirm-reference = Confirm with a payment number

# The store
store-title = # VPN access
store-intro = Pick a plan, pay the way you like, and send us the proof of payment. When it is checked you get your link here on Discord.
store-plan = **{ $name }** · { $price }
    { $length } · { $traffic } · { $devices }
store-few-places = { $n ->
    [one] Only one place is left.
   *[other] Only { $n } places are left.
 }
store-no-place = All places are taken at the moment.
store-more = … and { $n } more: press **{ $buy }** to see all.
store-empty = There is nothing on sale right now. Please look in again later.
page-of = Page { $page } of { $pages }
pick-plan = ## Which plan?
    Pick one to see how you can pay.
pick-plan-placeholder = Pick a plan
pick-plan-line = { $price } · { $length } · { $traffic } · { $devices }
pick-method = ## How would you like to pay?
    {""}**{ $name }** · { $length } · { $traffic } · { $devices }
pick-method-placeholder = Pick a way to pay
pick-method-none = There is no way to pay for **{ $name }** right now. Please pick another plan, or ask staff.
price-trial = free trial
trial-ask = ## Try { $name } for free
    { $length } · { $traffic } · { $devices }
    There is nothing to pay, and one free trial for each customer. Press **{ button-take-trial }**, and your link is made at once.
trial-given = ## { $plan } is yours
    Your link comes by direct message, usually in less than a minute. You can also press the button below at any time. To go on after the trial, press **{ $my_account }** in the store and then **{ button-renew }**: your link stays the same.
trial-given-button = ## { $plan } is yours
    Press the button below for your link; it is usually ready in less than a minute. To go on after the trial, press **{ $my_account }** in the store and then **{ button-renew }**: your link stays the same.

# Orders
order-heading-new = ## Order: { $plan }
order-heading-renew = ## Renewal: { $plan }
order-sum = { $length } · { $traffic } · { $devices }
order-copy-amount = **Amount, { $currency }**
order-copy-account = **Account**
order-copy-reference = **Reference**
order-how-to-prove = When you have paid, type `/pay` and attach a screenshot of the payment as `proof`. It goes to staff only.
order-press-paid = When you have paid, press **{ button-paid }** and choose a screenshot of the payment. If you see no place for it there, type `/pay` and attach it as `proof`. It goes to staff only.
order-press-paid-optional = When you have paid, press **{ button-paid }** and choose a screenshot of the payment. If you see no place for it there, type `/pay` and attach it as `proof`. If you have none, tell staff in { $space ->
        [channel] this channel
       *[thread] this thread
    }.
order-proof-optional = When you have paid, type `/pay` and attach a screenshot of the payment as `proof`. If you have none, tell staff in { $space ->
        [channel] this channel
       *[thread] this thread
    }.
order-or-post = Or simply post the picture here.
order-pay-by = Please pay before **{ $when }**.
order-reduced = ## Your code counts
    {""}**{ $plan }** for **{ $amount }** by { $method }.
order-reduced-from = With your code you pay **{ $amount }** instead of { $full }.
order-code-lost = Your code does not count any more: **{ $amount }** is due.
order-code-may-be-lost = If your code does not count any more by then, { $amount } is due.
days-given = ## Your days are added
    {""}**{ $plan }** ends { $when } now. Your link stays the same.
days-given-depleted = No traffic is left, and days bring none: your account stays off until you renew it.
order-invited = ## Your friend's invitation counts
    {""}**{ $plan }** for **{ $amount }** by { $method }. Your friend gets more days once your payment is approved, if they have an account of their own that goes on then.
invite-title = ## Invite a friend
    This is your code:
invite-how = Whoever is new here presses **{ button-code }** at their first order and enters it. Once their payment is approved, your access lasts { $reward } longer, if you have paid for some that goes on then.
invite-full = Friends who brought you days so far: { $n }. Those are as many as count: further friends bring you none.
invite-count = Friends who brought you days so far: { $n } of { $limit }.
order-placed = ## Your order stands
    {""}**{ $plan }** for **{ $amount }** by { $method }.
order-placed-thread = Everything about it is in your { $space ->
        [channel] private channel
       *[thread] private thread
    }: { $thread }
order-placed-no-thread = A { $space ->
        [channel] private channel
       *[thread] private thread
    } for it opens in a moment.
order-already-open = ## You have an open order
    {""}**{ $plan }** for **{ $amount }** by { $method }. Finish or cancel it before you place another.
order-in-review = **In review.** We have your proof, { $proofs ->
    [one] one picture
   *[other] { $proofs } pictures
 }. Staff will check it; you hear from us here. To add another picture, use `/pay` again.
order-no-place = No place is kept for this order any more. If your payment is approved and all places are taken, you get the next one that is free.
order-unserved = **This will wait.** No server of this plan that has a place can serve you at the moment. You can pay all the same: your link comes when one can, and your time begins only then.
unserved = **This will wait.** No server of this plan that has a place can serve you at the moment: your link comes when one can, and your time begins only then.
order-approved-waits = **Approved.** Thank you! All places are taken at the moment: you get the next one that is free, and your time begins only then.
order-approved = **Approved.** Thank you! Your link comes by direct message. You can also press the button below at any time.
order-approved-button = **Approved.** Thank you! Press the button below to see your link.
order-approved-renewal = **Approved.** Thank you! Your time and traffic have been added; your link stays the same.
order-undelivered = We could not send you a direct message: yours are closed for this server, or Discord refused it. Press **{ button-show-link }** below; only you will see it.
order-declined = **Declined.** The reason:
    > { $reason }
    If this is a mistake, answer in { $space ->
        [channel] this channel
       *[thread] this thread
    }. To try again, press **{ $buy }** in the store.
order-expired = **Expired.** It was not paid in time. If you have paid after all, send the proof with `/pay` and the order reopens. Otherwise press **{ $buy }** in the store for a new one.
order-cancelled = **Cancelled.** Nothing more to do. If you have paid after all, send the proof with `/pay` and the order reopens.
order-reversed = **Reversed.** Staff took the approval back. The reason:
    > { $reason }
    If you have questions, answer in { $space ->
        [channel] this channel
       *[thread] this thread
    }.

# Accounts
accounts-title = ## My accounts
accounts-unknown = We are restoring our records and cannot show you your account just now. What you have goes on working; please do not pay again for it.
accounts-none = You have no account yet. Press **{ $buy }** in the store to get one.
accounts-pick = Which one?
accounts-pick-placeholder = Pick an account
accounts-line = ends { $when } · { $state }
accounts-line-ended = ended { $when } · { $state }
orders-title = ### Orders that go on
orders-line = `{ $order }` · { $plan } · { $step }
step-awaiting-payment = waiting for your payment until { $when }
step-awaiting-review = in review: staff check your proof
step-approved = approved, waiting for the server. { $state }
order-takes-no-proof = Order `{ $order }` ({ $plan }) is { $state }, so it takes no more pictures.
accounts-button = { $plan } · { $id }
account-title = ## { $plan }
account-state-active = Active
account-state-preparing = Being set up. This usually takes less than a minute
account-state-outage = Your server has a fault at the moment. Staff see it and mend it; nothing for you to do
account-state-unreachable = Waiting for your server, which does not answer at the moment. You need not do anything: the time you lose is added
account-state-stalled = Waiting for staff, who must mend something first. You need not do anything: the time you lose is added
account-state-observed = Waiting for staff: nothing is changed on your server until they put it into service. You need not do anything
account-state-expired = Ended. Renew to switch it on again
account-state-depleted = No traffic left. Renew to get more
account-state-suspended = Switched off by staff. Please ask them
account-state = **State** · { $state }
account-server = **Server** · { $server }
account-server-none = being chosen
account-server-ended = none any more; a renewal gets one
account-ends = **Ends** · { $when }
account-ended = **Ended** · { $when }
account-days = { $bar } { $left } to go
account-used = **Used** · { $used }
account-used-bar = **Used** · { $used } · { $bar } { $percent }%
account-left = **Left** · { $left }
account-devices = **Devices** · { $devices }
devices-heading = ## Devices · { $plan }
devices-allowed = Your plan: { $devices } at the same time.
devices-on = Connected to { $server } lately from:
devices-more = { $n ->
    [one] and { $n } more
   *[other] and { $n } more
}
devices-nobody = { $server } has seen nobody lately, or keeps no list of it.
devices-no-answer = { $server } does not answer at the moment. Ask again in a few minutes.
devices-unknown-one = Is there an address that you do not know? Replace your link: the old one stops working everywhere.
account-no-term = Nothing was bought for this account yet.
topic-reminders = Reminders
topic-traffic = Traffic
topic-not-connected = Not connected yet
topic-news = News
news-title = ## 📣 News from the shop
news-stop = -# You get this as a customer. **{ $button }** switches news off.
notices-title = ## Notifications
notices-on = 🔔 **{ $topic }** · on
notices-off = 🔕 **{ $topic }** · off
notices-always = Answers to what you do, your link, the end of your access, and anything that stops it from working always reach you.
language-own-name = English
language-title = ## Language
language-chosen = We write to you in **{ $language }**.
language-as-told = We write to you in the language that Discord is set to, as far as the shop has it.
language-placeholder = Pick a language
language-follow = As Discord says
language-follow-line = The language that your Discord is set to
guide-title = ## Set up your app
    Several apps can use your access. What do you want to use it on?
guide-placeholder = Pick a device
guide-on = ## Set it up on { $platform }
guide-phone-address =
    1. Install one of the apps below.
    2. Press **{ button-show-link }** under **{ $my_account }**, and open the address in this device's browser.
    3. On the page press the button of your app: your access is then in it.
    4. Go back to the app and connect.
    If the button does nothing, copy the address and add it in the app, with **+**, from the clipboard. It stays the same when your server changes.
guide-phone-link =
    1. Install one of the apps below.
    2. Press **{ button-show-link }** under **{ $my_account }**, and copy the link. If Discord is open on another screen, scan the picture from there instead.
    3. In the app press **+**, and add it from the clipboard or from a QR code.
    4. Choose the new entry and connect.
guide-computer-address =
    1. Install one of the apps below.
    2. Press **{ button-show-link }** under **{ $my_account }**, and copy the address.
    3. In the app add a new subscription or profile from the clipboard, or open the address in a browser and press the button of your app there.
    4. Choose the new entry and connect. The address stays the same when your server changes.
guide-computer-link =
    1. Install one of the apps below.
    2. Press **{ button-show-link }** under **{ $my_account }**, and copy the link.
    3. In the app press **+**, and add it from the clipboard.
    4. Choose the new entry and connect.
guide-tv-address =
    1. Install one of the apps below on the TV, and the same app on your phone.
    2. Press **{ button-show-link }** under **{ $my_account }** on your phone, and copy the address.
    3. In the app on the TV press **+**. Where it shows a code, send the address to it from your phone; else type the address, or paste it from the TV's browser.
    4. Choose the new entry and connect. The address stays the same when your server changes.
guide-tv-link =
    1. Install one of the apps below on the TV, and the same app on your phone.
    2. Press **{ button-show-link }** under **{ $my_account }** on your phone, and copy the link.
    3. In the app on the TV press **+**. Where it shows a code, send the link to it from your phone; else open Discord in the TV's browser, copy the link there and add it from the clipboard.
    4. Choose the new entry and connect.
support-title = ## How can we help?
support-placeholder = Pick a question
support-question = ## { $question }
support-ask = To ask a person, write to our staff on this server.
support-ask-person = No answer here? Press **{ button-ask-person }**: a private thread opens, which only you and our staff read.
support-ask-there = To ask a person, write in { $thread }: only you and our staff read it.
ticket-title = ## Your question { $number }
ticket-hello =
    Hello! Write here what you need. Only you and our staff read this thread, and a person answers you here.
    A picture helps us to understand, but here it is **not** a proof of payment: send that one to your order.
    Press **{ button-close-ticket }** when it is solved.
ticket-opening = A private thread is being opened for you: in a moment you are called there. Only you and our staff read it.
ticket-closed = This question is closed.
ticket-over = This question is closed, and what is written here is not read any more. For another one press **{ $support }** in the store.
ticket-card-title = ## Question { $number }
ticket-card-opened = **Opened** · { $when }
ticket-card-thread = **Thread** · { $thread }
ticket-card-account = { $account } · ends { $ends } · used at least { $used } of { $granted } · { $server }
ticket-card-waits = ⏳ **Waits for an answer** since { $when }
ticket-card-closed = Closed by { $who }, { $when }.
renew-title = ## Renew { $plan }
renew-line = ends { $ends }, { $left } left
renew-intro = Each plan is added to what you have. Below each one: what you will have after paying today.
renew-none = None of the plans for this account is on sale now. Please ask staff.
renew-method = ## How would you like to pay?
    Renewal with **{ $name }** · { $length } · { $traffic } · { $devices }
renew-now = Now: ends **{ $ends }**, **{ $left }** left.
renew-after = After paying: ends **{ $ends }**, **{ $left }** left.
change-title = ## Another plan than { $plan }
change-intro = Each plan is added to what you have; its devices apply from the approval on. Below each one: what you will have after paying today.
change-none = There is no other plan for this account at the moment. **{ button-renew }** goes on with the one that you have.
change-method = ## From { $old } to { $name }
    You add **{ $name }** · { $length } · { $traffic } · { $devices } · { $price }
    It is added to what you have. What your account has now, and what it has if this is paid and approved today:
change-ends = **Ends** · { $before } → { $after }
change-ends-anew = **Ends** · { $after }. Your old time is over: the new time begins with the approval
change-left = **Left** · { $before } → { $after }
change-left-anew = **Left** · { $after }
change-devices = **Devices** · { $before } → { $after }
change-devices-same = **Devices** · { $devices }, as now
change-fewer-devices = **Fewer devices than now.** From the approval on, this many connect at once: { $devices }.
change-server-stays = **Server** · { $server }, as now
change-server-outside = **Server** · { $server }, as now. The plan's own servers are others: { $servers }. Ask staff if you want to move there
change-server-left = **Server** · { $server } is being emptied: you move as soon as there is room, to one of these: { $servers }
change-server-chosen = **Server** · chosen after the approval: { $servers }
change-no-server = none of them is in service now
change-link-stays = **Link** · stays the same
change-link-new = **Link** · changes with the server; the new one comes to you
change-link-new-button = **Link** · changes with the server; press **{ button-show-link }** for the new one
change-how-to-pay = How would you like to pay?

# Links
link-title = ## Your link
link-how-to = Copy the link, or scan the picture with your VPN app: v2rayNG, Hiddify, Streisand or any other that reads this kind of link. Keep it to yourself: whoever has it uses your traffic.
link-more = More ways in:
link-preparing = Your link is being prepared: the server has not confirmed it yet. This usually takes less than a minute. Press **{ button-show-link }** again then.
link-outage = Your server has a fault at the moment, so there is no link that works. Staff see it and mend it. Your link comes when it is mended; you need not do anything.
link-unreachable = Your server does not answer at the moment, so your link waits. It comes by itself when the server is back, and the time you lose is added.
link-stalled = Your link waits for staff: they must mend something first, and see it. It comes by itself afterwards, and the time you lose is added.
link-observed = Your link waits for staff: nothing is set up on your server until they put it into service. It comes by itself afterwards; you need not do anything.
link-off-outage = **Note:** your server has a fault at the moment, so the link does not connect. Staff see it and mend it; the link stays the same.
link-ended = This account has ended, and no server holds it any more. Press **{ button-renew }** under **{ $my_account }**: you get a link again.
link-unsupported = Your server is ready, but this version cannot write its kind of link. Please ask staff for it.
link-off = **Note:** this account is off now ({ $state }). The link works again after a renewal.
link-off-suspended = **Note:** this account was switched off by staff. Please ask them.
link-replaced = It replaces your earlier link, which no longer works: delete that one from your app.
link-moving = Your access moves to another server. Put this link into your app in place of the earlier one, which works until { $until } at least.
link-replacing = Your link is being replaced: the server has not taken the new one yet. It comes by itself; the old one stops working then.
replace-ask = ## Replace your link?
    {""}**{ $plan }**: you get a new link, and the present one stops working in every app as soon as your server has the new one. Do it when somebody else has your link. Your time and traffic stay as they are.
    You have five minutes to answer.
replace-too-late = That question is more than five minutes old, so nothing was changed. Press **{ button-replace-link }** again.
replace-done = Your link is being replaced. As soon as your server has the new one, the old one stops working: press **{ button-show-link }**, and put the new one into your apps.
link-address-how-to = Add this address to your VPN app as a subscription, or scan the picture with it: Happ, Hiddify, v2rayNG, Streisand, sing-box, Clash and others. It stays the same when your server changes. Opened in a browser it shows what is left and helps with your app. Keep it to yourself: whoever has it uses your traffic.
link-address-lost = Your access has moved to another server. Refresh the subscription in your app now, or restart the app: the address stays the same.
subscription-renew = { $state }: { $my_account } → { button-renew }
subscription-other-app = This app cannot use your server: take v2rayNG, Hiddify or Happ

# The page of a subscription address
page-title = Your access: { $title }
page-used = { $used } of { $total } used
page-used-unlimited = { $used } used, without a limit
page-ends = Ends { $when }
page-ended = Ended { $when }
page-add = Add it to your app
page-add-how = Install one of these apps, come back to this page and press its button. Your access is then in the app.
page-open = Add to { $app }
page-install = Install
page-scan = Or scan it
page-scan-how = Scan the picture with the app on your phone, or copy the address into any app that takes subscriptions.
page-secret = Keep this address to yourself: whoever has it uses your traffic.
page-help = Ask for help
page-qr = QR code of your address

# Notices
notice-expired = ## { $plan } has ended
    Your access ended { $when }. Renew to switch it on again; your link stays the same.
notice-depleted = ## { $plan }: no traffic left
    All of your { $granted } is used. Renew to get more; your link stays the same.
notice-renewed = ## { $plan } is renewed
    Ends { $ends }, { $left } left. Your link stays the same.
notice-rewarded = ## A friend whom you invited has paid
    Thank you! **{ $plan }** lasts { $reward } longer, and ends { $when } now.
notice-reminder = ## { $plan } ends within { $soon }
    Your access ends { $ends }; { $left } left. Renew it before then and nothing is lost: the new time follows the old. Your link stays the same.
notice-lapsed = ## { $plan } is still off
    Your access ended { $ended }. Renew to switch it on again; your link stays the same.
notice-traffic = ## { $plan }: { $left } of traffic left
    That is what is left until { $ends }. Renew to get more; your link stays the same.
notice-not-connected = ## Does { $plan } work for you?
    Nobody has connected with your link yet. Press **{ button-show-link }** for the link and how to use it. If it does not connect, write in your { $space ->
        [channel] order's channel
       *[thread] order's thread
    }: staff help you.
notice-suspended = ## { $plan } is switched off
    Staff have switched your access off. Please ask them in your { $space ->
        [channel] order's channel
       *[thread] order's thread
    }. It ends { $ends }, as before.
notice-not-connected-no-thread = ## Does { $plan } work for you?
    Nobody has connected with your link yet. Press **{ button-show-link }** for the link and how to use it. If it does not connect, ask staff on our server: they help you.
notice-suspended-no-thread = ## { $plan } is switched off
    Staff have switched your access off. Please ask them on our server. It ends { $ends }, as before.
notice-resumed = ## { $plan } is on again
    Staff have switched your access on again. It ends { $ends }; your link stays the same.

# Staff
review-heading = ## Payment to check
review-customer = **Customer** · { $mention } ({ $name })
review-plan = **Plan** · { $plan }
review-plan-renewal = **Plan** · { $plan }, renewal of `{ $account }`
review-amount = **Amount** · { $amount } by { $method }
review-code = **Code** · `{ $code }`, instead of { $full }
review-code-lost = **Code** · `{ $code }` did not count any more when the proof came, so the full price is due. The customer was quoted less.
review-order = **Order** · `{ $order }`
review-placed = **Placed** · { $when }
review-proofs = **Proof** · { $when }
review-pictures-deleted = { $count ->
    [one] The picture was deleted on { $when }, as `retention.proofs` in shop.yaml says.
   *[other] { $count } pictures were deleted on { $when }, as `retention.proofs` in shop.yaml says.
}
review-late = The first proof came after the order had lapsed.
review-seen-before = ⚠️ **Seen before** · a picture of this order is the same as, or looks like, one of order { $order } of { $customer }. Compare both before you approve.
review-seen-before-lost = ⚠️ **Seen before** · a picture of this order is the same as, or looks like, one of order { $order }, which is not in the records any more. Ask the customer before you approve.
review-pictures-left-out = { $count ->
    [one] One older picture has no room here; it lies in the folder of proofs.
   *[other] { $count } older pictures have no room here; they lie in the folder of proofs.
}
review-stated = Payment number by the customer · { $numbers }
review-number-before = ⚠️ **Number seen before** · the customer typed a payment number that order { $order } of { $customer } has. Compare both before you approve.
review-number-before-lost = ⚠️ **Number seen before** · the customer typed a payment number that order { $order } has, which is not in the records any more. Ask the customer before you approve.
review-place-lapsed = No place is kept for this order any more. One is free now.
review-no-room = **No place is free** for this order, and none is kept for it any more. Approved, its account waits for the next free one.
review-unserved = **No server can serve it now.** Approved, its account waits until one of its plan's servers is back; its time begins only then.
review-waits = Its account waits for the next free place: every one is taken or promised.
review-approved = **Approved** by { $staff }, { $when }
review-approved-reference = **Approved** by { $staff }, { $when }, payment number `{ $reference }`
review-declined = **Declined** by { $staff }, { $when }:
    > { $reason }
review-cancelled = **Cancelled** by { $staff }, { $when }
review-reversed = **Reversed** by { $staff }, { $when }:
    > { $reason }
review-waiting = **Waiting** for the customer's proof.
alerts-heading = ## What needs a person
alerts-none = Nothing at the moment.
alerts-more = and { $n } more: `nebulalinks get servers` has all
alerts-new = ## This needs a person
alerts-over = ## Over
alerts-since = since { $when }
alerts-do = What to do: { $remedy }
alerts-accounts-stalled =
    { $n ->
        [one] One account cannot go on without a person
       *[other] { $n } accounts cannot go on without a person
    }: `nebulalinks get accounts` says which, and why.
alerts-links-undelivered =
    { $n ->
        [one] One link could not be sent
       *[other] { $n } links could not be sent
    }: the customer gets it by the button in the { $space ->
        [channel] order's channel
       *[thread] order's thread
    }, or in **{ $my_account }**.
alerts-review-waiting =
    { $n ->
        [one] One proof has waited for staff for more than half an hour
       *[other] { $n } proofs wait for staff, the oldest for more than half an hour
    }.
alerts-question-waiting =
    { $n ->
        [one] One customer has waited for an answer for more than twelve hours
       *[other] { $n } customers wait for an answer, the first for more than twelve hours
    }.
confirm-title = ## Approve this payment?
    { $customer } paid **{ $amount }** by { $method } for **{ $plan }**.
    Order `{ $order }`. `/admin order reverse` takes it back.
confirm-no-room = **No place is free for it.** Approved, its account waits for the next one, and the customer is told so.
modal-decline-title = Decline this payment
modal-decline-reason = Reason, as the customer will read it
modal-reference-title = Approve this payment
modal-reference-label = The payment's own number
modal-code-title = Your code
modal-code-label = Code
modal-paid-title = Proof of your payment
modal-paid-label = Screenshots of the payment
modal-paid-number = Payment number, if there is one
modal-paid-other-ways = No place for a picture here? Close this, type /pay and attach the picture as proof.
staff-approved = Approved: order `{ $order }`, account `{ $account }`.
staff-declined = Declined: order `{ $order }`. The customer was told why.
staff-reopened = The decline of order `{ $order }` is taken back: it is { $state } now.
staff-reversed = The approval of order `{ $order }` is taken back: its term no longer counts for account `{ $account }`.
staff-granted = Account `{ $account }` has the term.
staff-granted-before = This was given to account `{ $account }` before. Nothing was added.
staff-forgiven = { $accounts ->
    [one] { $by } of `{ $of }` no longer count.
   *[other] { $by } of { $accounts } accounts of `{ $of }` no longer count.
 }
staff-forgiven-before = This was forgiven to `{ $of }` before. Nothing was changed.
staff-suspended = Account `{ $account }` is suspended: its server switches it off, and its end stays where it is.
staff-resumed = Account `{ $account }` is resumed: its server switches it on again.
staff-rotated = Account `{ $account }` has new credentials. Its customer gets the new link once the server has them; the old link is dead then.
staff-moving = Account `{ $account }` moves to { $server }. Its customer gets the new link once that serves; the old one works for a day.
staff-unchanged = Account `{ $account }` is already like that. Nothing was changed.
staff-panel-accepted = The panel of `{ $server }` is the right one. Whoever is missing there is made again.
staff-already-done = Somebody was faster: order `{ $order }` is { $state } already. Nothing was changed.
staff-refused-role = Only admins and owners decide payments. Ask one of them; the roles are in shop.yaml.
staff-refused-order = There is no such order in the records.
staff-refused-account = There is no account of that number in the records.
staff-no-account = This customer has no account.
staff-refused-plan = The plan of this order is not sold any more. Nothing was changed. Put it back into plans.yaml as `retired` to approve it.
staff-refused-method = The way of paying of this order is not in payments.yaml any more. Nothing was changed.
staff-refused-price = The plan has no price in a currency that this way of paying takes: plans.yaml and payments.yaml do not fit. Nothing was changed.
staff-refused-capacity = No server that this plan allows has a place. Nothing was changed. Raise a `capacity` or add a server, and approve then; or decline, and pay the customer back.
staff-refused-family = The plan does not belong to the family or kind of that account. Nothing was changed.
staff-refused-proof = That picture stands under order `{ $order }` already.
staff-refused-proofs = Order `{ $order }` has as many pictures as it can take.
staff-refused-damaged = The store is damaged, and nothing is decided until it is whole again: `/readyz` and the log of the controller's host say what is missing. Nothing was changed.
staff-refused-store = The records cannot be written now: the disk may be full, the log says why. Nothing was changed; press it again afterwards.
staff-reason-missing = A reason is needed: the customer reads it. Nothing was changed; press **{ $decline }** again.
staff-reason-long = The reason has more than 500 characters. Nothing was changed; write a shorter one.
pending-title = ## Payments to check: { $n }
pending-none = No payment waits to be checked.
pending-line = { $when } · { $customer } · { $plan } · { $amount } · `{ $order }`
pending-more = … and { $n } more.
admin-account-title = ## Account `{ $account }`
admin-account-customer = **Customer** · { $mention } ({ $name }) · family `{ $family }`
admin-account-run = **Run { $run }** · since { $start }, ends { $ends } · granted { $granted }, used { $used }, left { $left } · { $devices }
admin-account-no-term = No term was ever added to this account.
admin-account-compensated = Compensated { $length } in { $n ->
    [one] one term
   *[other] { $n } terms
 }.
admin-account-standing = **Standing** · { $standing }
admin-account-binding = **{ $server }** · { $disposition } since { $since } · { $seen }
admin-account-no-binding = No server serves it yet.
admin-account-condition = **{ $kind }** since { $since }: { $reason }
admin-account-no-condition = No conditions.
admin-account-delivery = **Delivery** · { $state }, { $when }
admin-account-no-delivery = **Delivery** · none yet
admin-account-credentials = **Credentials** · version { $version }
admin-account-pick = { $n ->
    [one] This customer has one account.
   *[other] This customer has { $n } accounts; here is the newest. Others: { $others }
 }
seen-problem = problem: { $problem }
seen-on = on
seen-off = off
seen-absent = not on the panel
seen-never = not written yet
standing-active = active
standing-suspended = suspended
standing-depleted = depleted
standing-expired = expired
disposition-serving = serving
disposition-leaving = leaving
disposition-tombstoned = tombstoned
delivery-delivered = sent by direct message
delivery-shown = shown on demand
delivery-undelivered = undelivered ({ $code })

# Order states
state-awaiting-payment = waiting for payment
state-awaiting-review = in review
state-approved = approved
state-declined = declined
state-expired = expired
state-cancelled = cancelled
state-reversed = reversed

# Answers
reply-cancelled = Your order is cancelled. If you have paid after all, send the proof with `/pay` and it reopens.
reply-proof-taken = Thank you! We have your proof for order `{ $order }`; staff will check it. You hear from us in your { $space ->
        [channel] order's channel
       *[thread] order's thread
    }.
refused-not-staff = Only staff can do that. If you need help with an order, write in { $space ->
        [channel] its channel
       *[thread] its thread
    }.
refused-unknown-order = That order is not yours, or it does not exist. Look in **{ $my_account }**, or press **{ $buy }** in the store for a new one.
refused-unknown-account = That account is not yours, or it does not exist. Press **{ $my_account }** in the store to see yours.
refused-plan-not-sold = That plan is not sold any more. Press **{ $buy }** in the store to see what is.
refused-method-not-offered = That way to pay is not offered any more. Press **{ $buy }** in the store and pick another.
refused-no-price = That plan cannot be paid this way. Press **{ $buy }** in the store and pick another way.
refused-no-capacity = All places for this plan are taken. Please try again later, or pick another plan.
refused-unserved = No server of this plan that has a place can serve you at the moment, so it is not given out now: you would only wait. Please try again later, or pick another plan. Nothing was changed.
refused-no-room = Every place where an order can be talked about is taken at the moment, so no new order can begin. Please try again a little later. Nothing was changed.
refused-too-many-open = You have as many open orders as we keep for one person. Please wait until staff have looked at order `{ $order }`.
refused-other-family = That plan cannot renew this account. Press **{ button-renew }** again to see those that can.
refused-duplicate-proof = We have this very picture already, for order `{ $order }`. If that is the order you mean, there is nothing more to do. Otherwise please send the proof of *this* payment.
refused-duplicate-reference = This payment number already backs order `{ $order }`. Check which payment this is.
refused-reference-required = This way of paying needs the payment's own number. Press **{ $approve }** again and type it.
refused-proof-required = There is no proof for this order yet. Ask the customer to send it with `/pay`.
refused-wrong-state = Order `{ $order }` is { $state }, so this cannot be done. Nothing was changed.
refused-no-order-for-proof = You have no order that waits for a proof. Press **{ $buy }** in the store first.
refused-too-many-proofs = Order `{ $order }` has as many pictures as it can take. Please wait for staff; they have seen the others.
refused-cannot-move = It cannot move there: it has no server, has ended, moves already, or its plan does not allow that server. Nothing was changed.
refused-not-admitted = We cannot take an order from you here. If you think that this is a mistake, ask staff on our server. What you already have goes on as before.
refused-too-many-tickets = You have opened many questions today. You can open the next one from { $when } on.
refused-unknown-ticket = There is no such question any more.
refused-too-soon = You have replaced a link a short while ago. You can do it again from { $when } on.
refused-code-unknown = No code like this can be used now. Check how it is written and try again. Nothing was changed.
refused-code-not-yet = This code cannot be used yet. Nothing was changed.
refused-code-over = This code is over. Nothing was changed.
refused-code-used-up = This code has been used as often as it may be. Nothing was changed.
refused-code-used = You have used this code before as often as one customer may. Nothing was changed.
refused-code-plan = This code does not count for this order: it is for another plan or another currency. Nothing was changed.
refused-code-days = This code gives days to an account, and takes nothing off an order. Nothing was changed.
refused-code-order = This code takes something off an order: enter it there, before you pay. Nothing was changed.
refused-code-account-plan = This code gives days to accounts of other plans than yours. Nothing was changed.
refused-code-trial = This code gives more days to an account that was paid for, and yours is a free trial. Nothing was changed.
refused-code-ended = Your account has ended, and this code gives more days only to one that goes on. You can use it once you have renewed. Nothing was changed.
refused-code-taken-back = Staff took back the payment for this account, so there is nothing that the days could follow. Nothing was changed.
refused-code-suspended = Staff have switched this account off: no days are added until it is on again. Please ask them. Nothing was changed.
refused-code-own-invitation = This is your own invitation: it is for friends. Nothing was changed.
refused-code-invited-before = Somebody else's invitation counts for you already. Nothing was changed.
refused-code-they-invited = This is the invitation of somebody whom you invited yourself. Nothing was changed.
refused-code-no-newcomer = An invitation is for somebody who is new here, and you have had an account before. Nothing was changed.
refused-code-another = A code counts for this order already, and an order takes one. Nothing was changed.
refused-code-too-often = Too many of the codes that you typed do not exist. You can try again from { $when } on.
refused-trial-taken = You have had your free trial: there is one for each customer. You find it under **{ $my_account }** in the store, and **{ button-renew }** there goes on with it. Nothing was changed.
refused-trial-runs = **{ $plan }** is yours already: it is your one free trial. Press the button below for your link. Nothing was changed.
refused-nothing-granted = That would give nothing. Nothing was changed.
refused-clock = We are checking our clock, and until that is done no order is placed or cancelled. Please try again in a few minutes. A proof of payment is kept all the same.
refused-clock-staff = The shop's clock is in doubt, so nothing that counts days is decided. Nothing was changed; press again when the doubt has ended, which it does by itself once Discord or most servers tell the same time. The reason stands in `/readyz` and in the log of the controller's host.
refused-damaged = We are restoring our records and sell nothing until that is done. What you have goes on working. Nothing was changed; please try again later.
refused-store = We cannot take this right now. Nothing was changed. Please try again in a few minutes.
proof-not-an-image = That file is not a picture we can read. Please send a PNG, JPEG, WebP or GIF screenshot of the payment.
proof-not-own = That message is somebody else's. Use it on a message of your own that has the picture, or send the picture with `/pay`.
proof-in-ticket = A picture in this thread is no proof of payment. Send it with `/pay`.
proof-old-thread = The order of { $space ->
        [channel] this channel
       *[thread] this thread
    } is settled. If the picture is of another order, send it with `/pay order:` and that order's number.
proof-unread = We cannot see what is posted here. If this is the picture of your payment, send it with `/pay`, or choose **{ command-use-as-proof }** in the menu of your message (Apps).
proof-too-large = That file is too large: { $limit } is the most. A screenshot of the payment is enough.
proof-download-failed = We could not fetch that file from Discord. Please send it again with `/pay`.
proof-missing = Please attach a picture: `/pay proof:`
bad-order-number = `{ $text }` is not an order number. Copy the reference from your { $space ->
        [channel] order's channel
       *[thread] order's thread
    }, or leave it out.
bad-order-number-staff = `{ $text }` is not an order number. Pick one of those offered as you type, or enter its reference or id whole.
bad-account-number = `{ $text }` is not an account number.
too-many-presses = That was more in one minute than we answer. Nothing was changed. Please try again in { $seconds ->
    [one] a second
   *[other] { $seconds } seconds
 }.
unknown-click = This button is from an older message. Please start again from the store.
went-wrong = Something went wrong on our side, and what you asked for may not have been done. Please try again in a minute.

# Commands
command-pay = Send the proof of payment for your order
command-pay-proof = A screenshot of the payment (PNG, JPEG, WebP or GIF, up to 10 MiB)
command-pay-order = The order's reference; leave it out for your newest order
command-pay-number = The payment's own number, if it has one
command-use-as-proof = Use as proof
command-admin = For staff
command-admin-pending = Payments that wait to be checked
command-admin-accounts = One customer's account
command-admin-account = One account: what it may have, where it is served, what is wrong
command-admin-account-account = The account's number
command-admin-account-customer = Or its customer

# Parts of a line that is offered while somebody types
offer-order = { $order }
offer-account = { $id }
offer-customer = { $name }
offer-plan = { $id }
offer-price = { $price }

# Staff run the shop
button-reverse = Take it back
button-suspend = Suspend
button-rotate = Replace the credentials
button-move = Move
modal-why-title = Why?
modal-why-label = The reason, for the audit
ask-cancel = ## Cancel order `{ $order }`?
    { $customer } has not paid **{ $amount }** for **{ $plan }** yet. If they pay after all, their proof reopens it.
ask-reverse = ## Take the approval of order `{ $order }` back?
    { $customer } paid **{ $amount }** for **{ $plan }**. Its term no longer counts: the account gets shorter, or ends. The customer reads the reason.
ask-suspend = ## Suspend account `{ $account }`?
    { $customer } is switched off until somebody resumes it. Its end stays where it is.
ask-rotate = ## Replace the credentials of account `{ $account }`?
    The link of { $customer } stops working, and they get a new one.
ask-move = ## Move account `{ $account }` to `{ $server }`?
    { $customer } gets a new link once that server has them; the old one works for a day.
ask-note = Only you can answer, within five minutes.
ask-late = That was asked more than five minutes ago. Nothing was changed; begin again.
ask-due-changed = The amount due is { $amount } now: a promo code was entered since you were asked. Nothing was changed; begin again.
ask-others = Somebody else was asked that. Nothing was changed; begin yourself.
ask-no-reason = A reason is needed. Nothing was changed; enter the command again.
bad-amount = { $text } is neither an amount of traffic nor a number of days: 10GiB, 500MiB, unlimited; 1 to 36500 days. Nothing was changed.
staff-cancelled = Cancelled: order `{ $order }`. A proof of payment reopens it.
staff-refused-owners = Only owners may do that. Ask one of them; the roles are in shop.yaml.
staff-refused-admins = Only owners and admins may do that. Ask one of them; the roles are in shop.yaml.
admin-order-title = ## Order `{ $order }`
admin-order-state = **State** · { $state }
admin-order-id = **Id** · `{ $id }`
admin-order-pay-by = **Pay by** · { $when }
admin-order-account = **Account** · `{ $account }`
admin-users-title = ## Customers: { $text }
admin-users-line = { $customer } · { $name } · `{ $id }`
admin-users-none = No customer has a name with a word that begins like that.
admin-users-more = There are more: type more of the name.
admin-user-unknown = There is no such customer in the records.
admin-user-title = ## { $customer } ({ $name })
admin-user-known = **Known as** · { $known } · id `{ $id }`
staff-note = **Note** · { $text } (by { $who }, { $when })
staff-note-long = Nothing was changed: a note may have at most { $count } characters. Please shorten it.
forgotten-customer = forgotten customer
admin-user-forgotten = **Forgotten** · { $when }: nothing here says who they were
admin-user-being-forgotten = **Forgotten** · { $when }: what still names them is being deleted
ask-forget = ## Forget { $customer } ({ $name })?
    Goes for good: where they are known, their name, language, settings and note; the pictures of their payments; the threads of their orders and questions; who they are in the audit.
    Stays under `{ $id }`: accounts: { $accounts } · orders: { $orders }, with what was paid and when.
    Whoever comes again is a new customer. To keep somebody away, put them under `limits: block` in shop.yaml first.
ask-forget-tried = They had a free trial, and may have another then.
button-forget = Forget for good
staff-forgot = Customer `{ $id }` is forgotten. What still names them is deleted now; `/admin user show` says when nothing does.
staff-refused-forgotten = This customer was forgotten: nothing is sold or given to them any more, nor noted of them.
staff-refused-forget-account = Nothing was changed: account `{ $account }` goes on. Let it end, or suspend it if its customer gives up what is left; then forget them.
staff-refused-forget-order = Nothing was changed: order `{ $order }` is open. Cancel or decide it first, then forget its customer.
staff-refused-forget-ticket = Nothing was changed: question `{ $ticket }` is open. Close it on its card first, then forget its customer.
admin-user-since = **Customer since** · { $when }
admin-user-language = **Language** · `{ $language }`
admin-user-accounts = **Accounts**
admin-user-account = `{ $account }` · { $plan } · { $standing }
admin-user-order = `{ $order }` · { $plan } · { $amount } · { $state }
admin-user-order-settled = `{ $order }` · { $plan } · { $state }
admin-user-orders = **Orders**
admin-user-no-order = No order.
admin-plans-title = ## Plans: { $n }
admin-plan-line = `{ $plan }` · { $name } · { $price } · `{ $lifecycle }` · sold: { $sold }
admin-plan-title = ## Plan `{ $plan }`: { $name }
admin-plan-more = **Family** · `{ $family }` · **Lifecycle** · `{ $lifecycle }` · **Sold** · { $sold }
admin-plan-servers = **Servers** · { $servers }
admin-plan-no-server = **Servers** · none that it allows is in servers.yaml
admin-plan-unknown = There is no such plan in plans.yaml.
admin-servers-title = ## Servers: { $n }
admin-server-line = { $places } · { $name } · `{ $lifecycle }` · { $state }
admin-server-title = ## Server `{ $server }`: { $name }
admin-server-facts = **Host** · `{ $host }` · { $places } · `{ $lifecycle }`
admin-server-listed = **Last list** · { $when }
admin-places = `{ $server }` { $bound }/{ $capacity }
admin-written = `nebulalinks diff` says what a change would do, before it counts. Written at `{ $place }`; it is changed there, and not from here.
admin-removed = It is not in `{ $file }` any more and serves what was sold until that ends.
export-done = **Rows** · { $n } · `{ $file }`
export-private = Only you see this. Keep the file where staff alone read it.
export-too-large = That is more than Discord takes, { $mib } MiB. Take fewer days, or write it on the shop's host:
export-failed = It could not be written just now. Try again, or write it on the shop's host:
export-command = `nebulalinks export { $words }`
export-not-understood = Write days as 2026-11-30, the first not after the last, and take what is offered for the others.
setup-title = ## Set-up
setup-unknown = Discord could not be asked just now. Try again in a minute; what the service says of it is in its log.
setup-channel = `{ $place }` · { $channel } · { $how }
setup-well = as it should be
setup-ill = see below
setup-all-well = The bot has what it needs. What should stand in these channels is looked at again now.
setup-problem = - { $what }
    → { $mend }
setup-no-server = The bot is no member of the server `{ $id }` of shop.yaml.
setup-no-server-mend = Open the invitation of the README, choose that server and press Authorise; or put the right id into `discord.guild`.
setup-no-channel = There is no channel `{ $place }` with the id `{ $id }`.
setup-no-channel-mend = Make a text channel with +, right-click it, Copy Channel ID, and put that into `discord.channels.{ $place }` of shop.yaml.
setup-category-mend = Make a category with +, right-click it, Copy Channel ID, and put that into `orders: categories` of shop.yaml.
setup-wrong-kind = { $channel } cannot be the channel `{ $place }`.
setup-wrong-kind-mend = Make a text channel with +, and put its id into `discord.channels.{ $place }` of shop.yaml.
setup-lacks = The bot may not do in { $channel } (`{ $place }`) all that it must.
setup-lacks-mend = Edit Channel of { $channel }, Permissions, add the bot's role and switch on: { $permissions }
setup-may-view-channel = View Channel
setup-may-manage-channels = Manage Channels
setup-may-send-messages = Send Messages
setup-may-attach-files = Attach Files
setup-may-read-history = Read Message History
setup-may-private-threads = Create Private Threads
setup-may-send-in-threads = Send Messages in Threads
setup-may-manage-threads = Manage Threads
setup-may-mention-roles = Mention @everyone, @here and All Roles
setup-public = Everybody sees { $channel } (`{ $place }`), which is for staff.
setup-public-mend = Edit Channel of { $channel }, Permissions, switch Private Channel on, and add the roles of the staff and the bot.
setup-no-message = The message of the shop in { $channel } (`{ $place }`) is not there.
setup-no-message-mend = It is being posted now. If it does not come, `/admin health` says why.
setup-no-role = `discord.roles.{ $key }` of shop.yaml names a role that there is not: `{ $id }`.
setup-no-role-mend = Server Settings, Roles, right-click the right one, Copy Role ID, and put that into `discord.roles.{ $key }`.
setup-unread = The shop wants to read pictures that are posted, and Discord does not let the bot.
setup-unread-mend = discord.com/developers, Bot, switch Message Content Intent on; or take `discord.message_content` out of shop.yaml.
setup-no-commands = Discord did not take the commands of this version.
setup-no-commands-mend = They are sent when the bot connects anew: `systemctl restart nebulalinks`.
health-title = ## Health
health-well = Everything is as it should be.
health-reason = **{ $code }**: { $detail }
    → { $remedy }
health-orders = **Orders** · to check: { $review } · to be paid: { $pay }
health-files = **Files** · revision `{ $revision }`
audit-title = ## Audit
audit-line = { $when } · { $who } · **{ $verb }** · `{ $subject }` · { $outcome }
audit-none = Nothing was written down before that.
command-admin-orders = One order
command-admin-order-show = An order: who, what for, and who decided what
command-admin-order-approve = It is paid: its account gets the term
command-admin-order-decline = It is not paid; the customer reads the reason
command-admin-order-cancel = Give it up for its customer, while nothing was paid
command-admin-order-reverse = Take its approval back; the customer reads the reason
command-admin-order-order = Its reference, its customer's name, or its id
command-admin-account-suspend = Switch it off until it is resumed
command-admin-account-resume = Its suspension is over
command-admin-account-grant = Give it time and traffic without a payment
command-admin-account-rotate = New credentials: the old link dies
command-admin-account-move = Give it another server
command-admin-reason = Why, for the audit
command-admin-days = How many days longer
command-admin-traffic = How much more traffic, such as 10GiB
command-admin-server-server = The server's id, as servers.yaml has it
command-admin-users = Customers
command-admin-user-find = Customers by how their name begins
command-admin-user-show = A customer: accounts, orders, where they are known
command-admin-user-note = Write a note of a customer: staff alone read it
command-admin-user-forget = Forget a customer for good: owners alone, asked once
command-admin-user-note-text = The note, in the place of the one before; left out, that is taken away
command-admin-user-name = How a word of the name begins
command-admin-user-customer = Their name, their id, or a mention
command-admin-plans = Plans as plans.yaml has them
command-admin-plan-list = All plans
command-admin-plan-show = A plan, and where it is written
command-admin-plan-plan = The plan's id or name
command-admin-servers = Servers as servers.yaml has them
command-admin-server-list = All servers
command-admin-server-show = A server: places, what is wrong, and where it is written
command-admin-export = Orders, accounts, customers, revenue or the audit as a file
command-admin-export-what = What is listed
command-admin-export-format = csv for spreadsheets (the default), json for programs
command-admin-export-from = From this day on, such as 2026-11-01
command-admin-export-to = Up to this day, with it
command-admin-setup = Whether channels, permissions, roles and panels are as the shop needs them
command-admin-health = What is wrong now, and what to do about it
command-admin-audit = Who did what, the newest first
stats-title = ## The shop in numbers
stats-line = { $what } · { $n }
stats-orders = **Orders**
stats-accounts = **Accounts** · { $n }
stats-ready = served as sold
stats-unbound = on no server
stats-ending = ending within 3 days
stats-revenue = **Revenue**
stats-revenue-line = { $currency } · today { $today } · this month { $month } · last month { $before } · this quarter { $quarter } · this year { $year }
stats-revenue-none = Nothing was taken this year.
stats-days = The last 30 days, today in green. From the top: { $currencies }.
stats-servers = **Servers**
stats-server = { $server } · { $bound } of { $capacity } · { $how }
stats-server-unseen = has not answered yet
stats-customers = **Customers** · { $n }
broadcast-modal-title = Write to customers
broadcast-modal-to = To whom (empty: everybody with an account)
broadcast-modal-text = What they read
broadcast-bad-to = { $typed } is nobody to write to. Nothing was written.
broadcast-audiences =
    `all` · whoever has an account that works now
    `plan:ID` · whoever has one of this plan; several with commas
    `server:ID` · whoever has one on this server; several with commas
    `ended:30` · whoever has none any more, for 30 days at the most
    `language:TAG` · whoever has one and reads this language
broadcast-preview-title = ## Send this to customers?
broadcast-to = **To** · { $audience }
broadcast-by = **Written by** · { $staff }
broadcast-gets = **Get it** · { $n }
broadcast-muted = **Do not want news** · { $n }
broadcast-takes = **Takes** · { $length }
broadcast-quiet = **Waits in the quiet hours** · { $hours }
broadcast-nobody = Nobody would get it now, so it cannot be sent.
broadcast-sending = ## A broadcast goes out
broadcast-sent = ## A broadcast is sent, { $when }
broadcast-stopped = ## A broadcast was stopped by { $staff }, { $when }
broadcast-sent-of = **Sent** · { $sent } · counted before: { $all }
broadcast-closed = **Cannot be written to** · { $n }
broadcast-unknown = **Not known whether it arrived** · { $n }
broadcast-text-bad = Nothing was written: a broadcast has a text of at most { $most } characters.
broadcast-unknown-to = The shop has no such plan, server or language. Nothing was written.
broadcast-gone = This broadcast is not there any more, or somebody else wrote it. Nothing was sent; begin again with `/admin broadcast`.
button-send = Send
button-stop = Stop
command-admin-broadcast = News to many customers: write them, or stop what goes out
command-admin-stats = How many orders, accounts and customers there are
staff-refused-server = There is no such server in servers.yaml. Nothing was changed.
