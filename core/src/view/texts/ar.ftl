## كل ما يقرؤه العملاء وفريق المتجر بالعربية، بتنسيق Markdown كما يعرضه Discord.
##
## الأزرار التي يراها الجميع مكتوبة بلغة المتجر الأساسية أيًّا كان القارئ: { $buy } و{ $my_account }
## و{ $approve } و{ $decline }. كل سطر يبدأ بكلمة عربية، وكل قيمة تُنسخ تقف في شيفرة أو على سطر وحدها.
## ولا يأتي رقم بعد كلمة لاتينية من غير كلمة عربية بينهما، وإلا رُسم معها بعيدًا عما يعدّه.

# المدد والأحجام
length-days = { $n ->
    [zero] { $n } يوم
    [one] يوم واحد
    [two] يومان
    [few] { $n } أيام
    [many] { $n } يومًا
   *[other] { $n } يوم
 }
length-hours = { $n ->
    [zero] { $n } ساعة
    [one] ساعة واحدة
    [two] ساعتان
    [few] { $n } ساعات
    [many] { $n } ساعة
   *[other] { $n } ساعة
 }
length-minutes = { $n ->
    [zero] { $n } دقيقة
    [one] دقيقة واحدة
    [two] دقيقتان
    [few] { $n } دقائق
    [many] { $n } دقيقة
   *[other] { $n } دقيقة
 }
length-and = { $first } و{ $more }
moment = { $day } { $month ->
    [1] يناير
    [2] فبراير
    [3] مارس
    [4] أبريل
    [5] مايو
    [6] يونيو
    [7] يوليو
    [8] أغسطس
    [9] سبتمبر
    [10] أكتوبر
    [11] نوفمبر
   *[12] ديسمبر
 } { $year }، { $time } { $zone }
traffic-unlimited = بيانات غير محدودة
traffic-bytes = { $bytes } من البيانات
price-or = { $first } أو { $more }
moment-then = { $first } ثم { $more }
plan-for-price = الباقة { $name } · السعر { $price }
left-unlimited = غير محدود
devices-any = أي عدد من الأجهزة
devices-some = { $n ->
    [zero] { $n } جهاز
    [one] جهاز واحد
    [two] جهازان
    [few] { $n } أجهزة
    [many] { $n } جهازًا
   *[other] { $n } جهاز
 }

# الأزرار
button-buy = شراء
button-my-account = حسابي
button-renew = تجديد
button-change-plan = تغيير الباقة
button-previous = السابق
button-next = التالي
button-show-link = عرض رابطي
button-take-trial = ابدأ تجربتي المجانية
button-replace-link = تغيير رابطي
button-replace-now = تغيير الرابط
button-notices = الإشعارات
button-language = اللغة
button-guide = دليل الإعداد
button-support = المساعدة
button-ask-person = اسأل شخصًا
button-close-ticket = إغلاق
button-mute = إيقاف: { $topic }
button-unmute = تفعيل: { $topic }
button-cancel = إلغاء الطلب
button-paid = لقد دفعت
button-code = لدي كود
button-invite = دعوة صديق
button-approve = قبول
button-decline = رفض
button-confirm = تأكيد
button-confirm-reference = تأكيد مع رقم العملية

# المتجر
store-title = # اشتراك VPN
store-intro = اختر باقة، وادفع بالطريقة التي تناسبك، ثم أرسل لنا إثبات الدفع. بعد مراجعته يصلك رابطك هنا على Discord.
store-plan = الباقة **{ $name }** · السعر { $price }
    المدة { $length } · { $traffic } · { $devices }
store-few-places = { $n ->
    [zero] لم يتبقَّ أي مكان.
    [one] لم يتبقَّ سوى مكان واحد.
    [two] لم يتبقَّ سوى مكانين.
    [few] لم تتبقَّ سوى { $n } أماكن.
    [many] لم يتبقَّ سوى { $n } مكانًا.
   *[other] لم يتبقَّ سوى { $n } مكان.
 }
store-no-place = جميع الأماكن محجوزة حاليًا.
store-more = … وهناك المزيد ({ $n }): اضغط **{ $buy }** لترى كل الباقات.
store-empty = لا يوجد شيء معروض للبيع حاليًا. نسعد بزيارتك لاحقًا.
page-of = الصفحة { $page } من { $pages }
pick-plan = ## أي باقة تريد؟
    اختر باقة لترى كيف يمكنك الدفع.
pick-plan-placeholder = اختر باقة
pick-plan-line = السعر { $price } · المدة { $length } · { $traffic } · { $devices }
pick-method = ## كيف تود أن تدفع؟
    الباقة: **{ $name }** · المدة { $length } · { $traffic } · { $devices }
pick-method-placeholder = اختر طريقة الدفع
pick-method-none = لا توجد حاليًا طريقة لدفع ثمن الباقة **{ $name }**. اختر باقة أخرى من فضلك، أو تواصل مع فريقنا.
price-trial = تجربة مجانية
trial-ask = ## جرّب { $name } مجانًا
    المدة { $length } · { $traffic } · { $devices }
    لا يلزمك دفع شيء، ولكل عميل تجربة مجانية واحدة. اضغط **{ button-take-trial }** ليُجهَّز رابطك فورًا.
trial-given = ## لك الآن { $plan }
    يصلك رابطك في رسالة خاصة، خلال أقل من دقيقة عادةً. ويمكنك أيضًا الضغط على الزر أدناه في أي وقت. للمتابعة بعد التجربة اضغط **{ $my_account }** في المتجر ثم **{ button-renew }**: يبقى رابطك كما هو.
trial-given-button = ## لك الآن { $plan }
    اضغط الزر أدناه لترى رابطك؛ يكون جاهزًا خلال أقل من دقيقة عادةً. للمتابعة بعد التجربة اضغط **{ $my_account }** في المتجر ثم **{ button-renew }**: يبقى رابطك كما هو.

# الطلبات
order-heading-new = ## الطلب: { $plan }
order-heading-renew = ## التجديد: { $plan }
order-sum = { $length } · { $traffic } · { $devices }
order-block = المبلغ:
    { $amount }
    الحساب:
    { $account }
    رقم الطلب:
    { $reference }
order-block-no-account = المبلغ:
    { $amount }
    رقم الطلب:
    { $reference }
order-how-to-prove = بعد الدفع اكتب `/pay` وأرفق لقطة شاشة للعملية في خانة `proof`. لن يراها سوى فريقنا.
order-press-paid = بعد الدفع اضغط **{ button-paid }** واختر لقطة شاشة للعملية. إن لم يظهر لك مكان لاختيارها فاكتب `/pay` وأرفقها في خانة `proof`. لن يراها سوى فريقنا.
order-press-paid-optional = بعد الدفع اضغط **{ button-paid }** واختر لقطة شاشة للعملية. إن لم يظهر لك مكان لاختيارها فاكتب `/pay` وأرفقها في خانة `proof`. إن لم تكن لديك لقطة فأخبر فريقنا في هذه المحادثة.
order-proof-optional = بعد الدفع اكتب `/pay` وأرفق لقطة شاشة للعملية في خانة `proof`. إن لم تكن لديك لقطة فأخبر فريقنا في هذه المحادثة.
order-or-post = أو أرسل الصورة هنا مباشرةً.
order-pay-by = نرجو الدفع قبل **{ $when }**.
order-reduced = ## تم تطبيق الكود
    الباقة: **{ $plan }**، المبلغ: **{ $amount }**، طريقة الدفع: { $method }.
order-reduced-from = مع الكود تدفع **{ $amount }** بدلًا من { $full }.
order-code-lost = لم يعد كود الخصم ساريًا: المبلغ المستحق **{ $amount }**.
order-code-may-be-lost = إن لم يعد كود الخصم ساريًا حينها فالمبلغ المستحق { $amount }.
days-given = ## تمت إضافة الأيام
    أصبحت باقة **{ $plan }** تنتهي في { $when }. رابطك لا يتغير.
days-given-depleted = نفدت البيانات، والأيام لا تضيف بيانات: يبقى حسابك متوقفًا حتى تجدده.
order-invited = ## تم احتساب دعوة صديقك
    الباقة: **{ $plan }**، المبلغ: **{ $amount }**، طريقة الدفع: { $method }. يحصل صديقك على أيام إضافية عند قبول دفعتك.
invite-title = ## دعوة صديق
    هذا كود دعوتك:
invite-how = من لم يشترِ هنا من قبل يضغط **{ button-code }** في أول طلب له ويكتبه. وعند قبول دفعته تُضاف إلى اشتراكك هذه المدة: { $reward }، إن كان لك حينها اشتراك مدفوع سارٍ.
invite-count = أصدقاء حصلت بفضلهم على أيام حتى الآن: { $n } من { $limit }.
order-placed = ## تم تسجيل طلبك
    الباقة: **{ $plan }**، المبلغ: **{ $amount }**، طريقة الدفع: { $method }.
order-placed-thread = كل ما يخص الطلب تجده في محادثتك الخاصة: { $thread }
order-placed-no-thread = ستُفتح محادثة خاصة بالطلب بعد لحظات.
order-already-open = ## لديك طلب مفتوح
    الباقة: **{ $plan }**، المبلغ: **{ $amount }**، طريقة الدفع: { $method }. أكمله أو ألغه قبل أن تسجل طلبًا آخر.
order-in-review = **قيد المراجعة.** وصلنا إثبات الدفع ({ $proofs ->
    [zero] بلا صور
    [one] صورة واحدة
    [two] صورتان
    [few] { $proofs } صور
    [many] { $proofs } صورة
   *[other] { $proofs } صورة
 }). سيراجعه فريقنا ونرد عليك هنا. لإضافة صورة أخرى استخدم `/pay` مرة ثانية.
order-no-place = لم يعد هناك مكان محجوز لهذا الطلب. إذا قُبل الدفع وكانت كل الأماكن مشغولة فستحصل على أول مكان يتاح.
order-unserved = **سيكون عليك الانتظار.** لا يوجد الآن خادم لهذه الباقة فيه مكان ويمكنه خدمتك. يمكنك الدفع رغم ذلك: يصلك رابطك حين يتوفر أحدها، ولن تبدأ مدتك إلا حينها.
unserved = **سيكون عليك الانتظار.** لا يوجد الآن خادم لهذه الباقة فيه مكان ويمكنه خدمتك: يصلك رابطك حين يتوفر أحدها، ولن تبدأ مدتك إلا حينها.
order-approved-waits = **تم القبول.** شكرًا لك! كل الأماكن مشغولة الآن: ستحصل على أول مكان يتاح، ولن تبدأ مدتك إلا حينها.
order-approved = **تم القبول.** شكرًا لك! سيصلك رابطك في رسالة خاصة، ويمكنك أيضًا أن تضغط الزر أدناه في أي وقت.
order-approved-button = **تم القبول.** شكرًا لك! اضغط الزر أدناه لترى رابطك.
order-approved-renewal = **تم القبول.** شكرًا لك! أضفنا المدة والبيانات إلى اشتراكك، ورابطك كما هو.
order-undelivered = لم نتمكن من إرسال رسالة خاصة إليك: إما أن الرسائل الخاصة من هذا الخادم في Discord مغلقة لديك، أو أن Discord رفضها. اضغط **{ button-show-link }** أدناه، ولن يرى الرابط أحد غيرك.
order-declined = **تم الرفض.** السبب:
    > { $reason }
    إن كان هذا خطأً فاكتب لنا في هذه المحادثة. وللمحاولة من جديد اضغط **{ $buy }** في المتجر.
order-expired = **انتهت مهلة الدفع.** إن كنت قد دفعت بالفعل فأرسل الإثبات عبر `/pay` ليُفتح الطلب من جديد. وإلا فاضغط **{ $buy }** في المتجر لطلب جديد.
order-cancelled = **تم الإلغاء.** لا يلزمك شيء آخر. إن كنت قد دفعت بالفعل فأرسل الإثبات عبر `/pay` ليُفتح الطلب من جديد.
order-reversed = **سُحب القبول.** تراجع فريقنا عن قبول هذا الطلب. السبب:
    > { $reason }
    إن كانت لديك أسئلة فاكتب لنا في هذه المحادثة.

# الحسابات
accounts-title = ## حساباتي
accounts-unknown = نستعيد سجلاتنا الآن ولا يمكننا عرض حسابك في هذه اللحظة. ما لديك مستمر في العمل؛ لا تدفع مرة أخرى من فضلك.
accounts-none = ليس لديك حساب بعد. اضغط **{ $buy }** في المتجر لتحصل على حساب.
accounts-pick = أي حساب تقصد؟
accounts-pick-placeholder = اختر حسابًا
accounts-line = ينتهي { $when } · { $state }
accounts-line-ended = انتهى { $when } · { $state }
orders-title = ### طلبات جارية
orders-line = الطلب `{ $order }` · { $plan } · { $step }
step-awaiting-payment = في انتظار الدفع حتى { $when }
step-awaiting-review = قيد المراجعة: فريقنا يفحص إثبات الدفع
step-approved = مقبول وفي انتظار الخادم. { $state }
order-takes-no-proof = الطلب `{ $order }` ({ $plan }) حالته: { $state }، فلا يقبل صورًا أخرى.
accounts-button = { $plan } · { $id }
account-title = ## { $plan }
account-state-active = يعمل
account-state-preparing = قيد التجهيز، ولا يستغرق ذلك عادةً أكثر من دقيقة
account-state-outage = في خادمك عطل حاليًا، وفريقنا على علم به ويعمل على إصلاحه. لا يلزمك فعل شيء
account-state-unreachable = في انتظار خادمك الذي لا يستجيب حاليًا. لا يلزمك فعل شيء، وسنضيف الوقت الضائع إلى مدتك
account-state-stalled = في انتظار فريقنا: هناك خلل يجب إصلاحه أولًا. لا يلزمك فعل شيء، وسنضيف الوقت الضائع إلى مدتك
account-state-observed = في انتظار فريقنا: لن يتغير شيء على خادمك حتى يوضع في الخدمة. لا يلزمك فعل شيء
account-state-expired = انتهى. جدّد ليعمل من جديد
account-state-depleted = نفدت البيانات. جدّد لتحصل على المزيد
account-state-suspended = أوقفه فريقنا. تواصل معنا من فضلك
account-state = **الحالة** · { $state }
account-server = **الخادم** · { $server }
account-server-none = جارٍ اختياره
account-server-ended = لا خادم له الآن؛ التجديد يمنحك واحدًا
account-ends = **ينتهي** · { $when }
account-ended = **انتهى** · { $when }
account-days = { $bar } بقي { $left }
account-used = **الاستهلاك** · { $used }
account-used-bar = **الاستهلاك** · { $used } · { $bar } بنسبة { $percent }%
account-left = **المتبقي** · { $left }
account-devices = **الأجهزة** · { $devices }
account-no-term = لم تُضف أي باقة إلى هذا الحساب بعد.
topic-reminders = التذكيرات
topic-traffic = تنبيهات البيانات
topic-not-connected = تنبيهات عدم الاتصال
topic-news = الأخبار
news-title = ## 📣 أخبار من المتجر
news-stop = -# تصلك هذه الرسالة لأنك من عملائنا. يمكنك إيقاف الأخبار من **{ $button }**.
notices-title = ## الإشعارات
notices-on = 🔔 **{ $topic }** · مفعّلة
notices-off = 🔕 **{ $topic }** · متوقفة
notices-always = تصلك دائمًا ردودنا على ما تطلبه، ورابطك، وإشعار انتهاء اشتراكك، وكل ما يمنعه من العمل.
language-own-name = العربية
language-title = ## اللغة
language-chosen = نكتب إليك بلغة: **{ $language }**.
language-as-told = نكتب إليك باللغة المختارة في Discord إن كانت من لغات المتجر.
language-placeholder = اختر لغة
language-follow = كما في Discord
language-follow-line = اللغة التي اخترتها في Discord
guide-title = ## إعداد التطبيق
    يعمل اشتراكك في أي من هذه التطبيقات. على أي جهاز تريد استخدامه؟
guide-placeholder = اختر جهازًا
guide-on = ## الإعداد على { $platform }
guide-phone-address =
    1. ثبّت أحد التطبيقات أدناه.
    2. اضغط **{ button-show-link }** في **{ $my_account }**، وافتح العنوان في متصفح هذا الجهاز.
    3. اضغط في الصفحة زر تطبيقك، فيُضاف اشتراكك إليه.
    4. عُد إلى التطبيق واتصل.
    إن لم يعمل الزر فانسخ العنوان وأضفه في التطبيق من الحافظة بزر **+**. يبقى العنوان كما هو عند تغيير خادمك.
guide-phone-link =
    1. ثبّت أحد التطبيقات أدناه.
    2. اضغط **{ button-show-link }** في **{ $my_account }** وانسخ الرابط. وإن كانت المحادثة مفتوحة على شاشة أخرى فامسح رمز QR منها.
    3. اضغط **+** في التطبيق، وأضف الرابط من الحافظة أو برمز QR.
    4. اختر الاتصال الجديد واتصل.
guide-computer-address =
    1. ثبّت أحد التطبيقات أدناه.
    2. اضغط **{ button-show-link }** في **{ $my_account }** وانسخ العنوان.
    3. أضف في التطبيق اشتراكًا أو ملف إعداد جديدًا من الحافظة، أو افتح العنوان في المتصفح واضغط هناك زر تطبيقك.
    4. اختر الاتصال الجديد واتصل. يبقى العنوان كما هو عند تغيير خادمك.
guide-computer-link =
    1. ثبّت أحد التطبيقات أدناه.
    2. اضغط **{ button-show-link }** في **{ $my_account }** وانسخ الرابط.
    3. اضغط **+** في التطبيق، وأضف الرابط من الحافظة.
    4. اختر الاتصال الجديد واتصل.
guide-tv-address =
    1. ثبّت أحد التطبيقات أدناه على التلفاز، والتطبيق نفسه على هاتفك.
    2. اضغط على هاتفك **{ button-show-link }** في **{ $my_account }** وانسخ العنوان.
    3. اضغط **+** في تطبيق التلفاز. إن عرض رمزًا فأرسل العنوان إليه من هاتفك، وإلا فاكتب العنوان أو الصقه من متصفح التلفاز.
    4. اختر الاتصال الجديد واتصل. يبقى العنوان كما هو عند تغيير خادمك.
guide-tv-link =
    1. ثبّت أحد التطبيقات أدناه على التلفاز، والتطبيق نفسه على هاتفك.
    2. اضغط على هاتفك **{ button-show-link }** في **{ $my_account }** وانسخ الرابط.
    3. اضغط **+** في تطبيق التلفاز. إن عرض رمزًا فأرسل الرابط إليه من هاتفك، وإلا فافتح المحادثة في متصفح التلفاز وانسخ الرابط هناك وأضفه من الحافظة.
    4. اختر الاتصال الجديد واتصل.
support-title = ## كيف نساعدك؟
support-placeholder = اختر سؤالًا
support-question = ## { $question }
support-ask = لتسأل أحدًا من فريقنا، راسلهم على خادمنا في Discord.
support-ask-person = لم تجد الجواب؟ اضغط **{ button-ask-person }**: تُفتح لك محادثة خاصة لا يقرؤها سواك وفريقنا.
support-ask-there = لتسأل أحدًا من فريقنا، اكتب هنا: { $thread }. لا يقرؤه سواك وفريقنا.
ticket-title = ## سؤالك { $number }
ticket-hello =
    مرحبًا! اكتب هنا ما تحتاج إليه. لا يقرأ هذه المحادثة سواك وفريقنا، ويجيبك فيها شخص منهم.
    الصورة تساعدنا على الفهم، لكنها هنا **ليست** إثباتًا للدفع: أرسل الإثبات إلى طلبك.
    اضغط **{ button-close-ticket }** حين تُحل المسألة.
ticket-opening = تُفتح لك الآن محادثة خاصة، وسنناديك فيها بعد لحظات. لا يقرؤها سواك وفريقنا.
ticket-closed = أُغلق هذا السؤال.
ticket-over = أُغلق هذا السؤال، ولا يقرأ أحد ما يُكتب هنا بعد الآن. إن كان لديك سؤال آخر فاضغط **{ $support }** في المتجر.
ticket-card-title = ## سؤال { $number }
ticket-card-opened = **فُتح** · { $when }
ticket-card-thread = **المحادثة** · { $thread }
ticket-card-account = { $account } · ينتهي { $ends } · استُهلك { $used } على الأقل من { $granted } · الخادم { $server }
ticket-card-waits = ⏳ **ينتظر الرد** منذ { $when }
ticket-card-closed = أغلقه { $who } في { $when }.
renew-title = ## تجديد باقتك: { $plan }
renew-line = ينتهي { $ends }، والمتبقي { $left }
renew-intro = تضاف كل باقة إلى ما لديك. وتجد تحت كل واحدة ما سيصبح لديك إن دفعت اليوم.
renew-none = لا توجد حاليًا باقة معروضة لتجديد هذا الحساب. تواصل مع فريقنا من فضلك.
renew-method = ## كيف تود أن تدفع؟
    التجديد بباقة **{ $name }** · المدة { $length } · { $traffic } · { $devices }
    بعد الدفع: ينتهي **{ $ends }**، والمتبقي **{ $left }**.
change-title = ## باقة أخرى غير { $plan }
change-intro = تضاف كل باقة إلى ما لديك، ويسري عدد أجهزتها منذ القبول. وتجد تحت كل واحدة ما سيصبح لديك إن دفعت اليوم.
change-none = لا توجد حاليًا باقة أخرى لهذا الحساب. يمكنك متابعة باقتك بالضغط على **{ button-renew }**.
change-method = ## من { $old } إلى { $name }
    تضيف **{ $name }** · المدة { $length } · { $traffic } · { $devices } · السعر { $price }
    تضاف الباقة إلى ما لديك. وهذا ما في حسابك الآن، وما سيصبح فيه إن دفعت وقُبل الدفع اليوم:
change-ends = **ينتهي** · الآن { $before }، وبعدها { $after }
change-ends-anew = **ينتهي** · { $after }. انتهت مدتك السابقة، وتبدأ المدة الجديدة عند القبول
change-left = **المتبقي** · الآن { $before }، وبعدها { $after }
change-left-anew = **المتبقي** · { $after }
change-devices = **الأجهزة** · الآن { $before }، وبعدها { $after }
change-devices-same = **الأجهزة** · { $devices }، كما هي الآن
change-fewer-devices = **أجهزة أقل من الآن.** الأجهزة التي تتصل في الوقت نفسه منذ القبول: { $devices }.
change-server-stays = **الخادم** · { $server }، كما هو الآن
change-server-outside = **الخادم** · { $server }، كما هو الآن. أما خوادم الباقة فهي غيره: { $servers }. تواصل مع فريقنا إن أردت الانتقال إليها
change-server-left = **الخادم** · نُخلي الآن { $server }، وستنتقل عند توفر مكان إلى أحد هذه الخوادم: { $servers }
change-server-chosen = **الخادم** · يُختار بعد القبول: { $servers }
change-no-server = لا خادم منها في الخدمة الآن
change-link-stays = **الرابط** · يبقى كما هو
change-link-new = **الرابط** · يتغير مع الخادم، ويصلك الجديد
change-link-new-button = **الرابط** · يتغير مع الخادم؛ اضغط **{ button-show-link }** لتحصل على الجديد
change-how-to-pay = كيف تود أن تدفع؟

# الروابط
link-title = ## رابطك
link-how-to = انسخ الرابط، أو امسح رمز QR بتطبيق VPN لديك: v2rayNG أو Hiddify أو Streisand أو أي تطبيق آخر يقرأ هذا النوع من الروابط. احتفظ به لنفسك: كل من يملكه يستهلك بياناتك.
link-more = طرق أخرى للاتصال:
link-preparing = رابطك قيد التجهيز: لم يؤكده الخادم بعد، ولا يستغرق ذلك عادةً أكثر من دقيقة. اضغط **{ button-show-link }** مرة أخرى بعدها.
link-outage = في خادمك عطل حاليًا، ولذلك لا يوجد رابط يعمل. فريقنا على علم به ويعمل على إصلاحه، وسيصلك رابطك فور إصلاحه؛ لا يلزمك فعل شيء.
link-unreachable = لا يستجيب خادمك حاليًا، ولذلك رابطك في الانتظار. سيصلك تلقائيًا حين يعود الخادم، وسنضيف الوقت الضائع إلى مدتك.
link-stalled = رابطك في انتظار فريقنا: هناك خلل نعرفه ويجب إصلاحه أولًا. سيصلك تلقائيًا بعد ذلك، وسنضيف الوقت الضائع إلى مدتك.
link-observed = رابطك في انتظار فريقنا: لن يُجهَّز شيء على خادمك حتى يوضع في الخدمة. سيصلك تلقائيًا بعد ذلك؛ لا يلزمك فعل شيء.
link-off-outage = **تنبيه:** في خادمك عطل حاليًا، ولذلك لن يتصل الرابط. فريقنا على علم به ويعمل على إصلاحه، ورابطك يبقى كما هو.
link-ended = انتهى هذا الحساب ولم يعد على أي خادم. اضغط **{ button-renew }** في **{ $my_account }** لتحصل على رابط من جديد.
link-unsupported = خادمك جاهز، لكن إصدار المتجر هذا لا يدعم نوع رابطه. اطلب الرابط من فريقنا من فضلك.
link-off = **تنبيه:** هذا الحساب متوقف الآن ({ $state }). سيعمل الرابط من جديد بعد التجديد.
link-off-suspended = **تنبيه:** أوقف فريقنا هذا الحساب. تواصل معنا من فضلك.
link-replaced = يحل هذا الرابط محل رابطك السابق الذي لم يعد يعمل: احذف السابق من تطبيقك.
link-moving = ينتقل اشتراكك إلى خادم آخر. ضع هذا الرابط في تطبيقك بدل الرابط السابق الذي سيبقى يعمل حتى { $until } على الأقل.
link-replacing = يجري تغيير رابطك: لم يفعّل الخادم الرابط الجديد بعد. سيصلك تلقائيًا، ويتوقف القديم عندئذ.
replace-ask = ## هل تريد تغيير رابطك؟
    الباقة **{ $plan }**: ستحصل على رابط جديد، ويتوقف الرابط الحالي في كل التطبيقات حالما يفعّل خادمك الجديد. افعل ذلك إن وصل رابطك إلى شخص آخر. تبقى مدتك وبياناتك كما هي.
    أمامك خمس دقائق للإجابة.
replace-too-late = مر على هذا السؤال أكثر من خمس دقائق، فلم يتغير شيء. اضغط **{ button-replace-link }** مرة أخرى.
replace-done = يجري تغيير رابطك. حالما يفعّل خادمك الرابط الجديد يتوقف القديم: اضغط **{ button-show-link }** وضع الجديد في تطبيقاتك.
link-address-how-to = أضف هذا العنوان إلى تطبيق VPN كاشتراك، أو امسح به رمز QR. من التطبيقات المناسبة: Happ أو Hiddify أو v2rayNG أو Streisand أو sing-box أو Clash وغيرها. يبقى العنوان كما هو عند تغيير خادمك. وإذا فتحته في المتصفح رأيت ما تبقى لك وطريقة إعداد تطبيقك. احتفظ به لنفسك: كل من يملكه يستهلك بياناتك.
link-address-lost = انتقل اشتراكك إلى خادم آخر. حدّث الاشتراك في تطبيقك الآن، أو أعد فتح التطبيق: يبقى العنوان كما هو.
subscription-renew = { $state }: { $my_account } ← { button-renew }
subscription-other-app = هذا التطبيق لا يدعم خادمك: استخدم v2rayNG أو Hiddify أو Happ

# صفحة عنوان الاشتراك
page-title = اشتراكك: { $title }
page-used = استخدمت { $used } من { $total }
page-used-unlimited = استخدمت { $used } بلا حد
page-ends = ينتهي في { $when }
page-ended = انتهى في { $when }
page-add = أضف اشتراكك إلى تطبيقك
page-add-how = ثبّت أحد هذه التطبيقات ثم عد إلى هذه الصفحة واضغط زره، فيُضاف اشتراكك إلى التطبيق.
page-open = إضافة إلى { $app }
page-install = تثبيت
page-scan = أو امسح الرمز
page-scan-how = امسح رمز QR بالتطبيق على هاتفك، أو انسخ العنوان إلى أي تطبيق يقبل الاشتراكات.
page-secret = احتفظ بهذا العنوان لنفسك: كل من يملكه يستهلك بياناتك.
page-help = طلب المساعدة
page-qr = رمز QR لعنوانك

# الإشعارات
notice-expired = ## انتهت مدة باقتك: { $plan }
    انتهى اشتراكك في { $when }. جدّد ليعمل من جديد؛ رابطك يبقى كما هو.
notice-depleted = ## نفدت بيانات باقتك: { $plan }
    استهلكت كل رصيدك البالغ { $granted }. جدّد لتحصل على المزيد؛ رابطك يبقى كما هو.
notice-renewed = ## تم تجديد باقتك: { $plan }
    ينتهي اشتراكك { $ends }، والمتبقي { $left }. رابطك كما هو.
notice-rewarded = ## دفع الصديق الذي دعوته
    شكرًا لك! أُضيفت إلى باقة **{ $plan }** هذه المدة: { $reward }، فأصبحت تنتهي في { $when }.
notice-reminder = ## بقي { $soon } على انتهاء باقتك: { $plan }
    ينتهي اشتراكك { $ends }، والمتبقي: { $left }. جدّد قبل ذلك ولن تخسر شيئًا: تُضاف المدة الجديدة إلى الحالية. رابطك يبقى كما هو.
notice-lapsed = ## ما زالت باقتك متوقفة: { $plan }
    انتهى اشتراكك في { $ended }. جدّد ليعمل من جديد؛ رابطك يبقى كما هو.
notice-traffic = ## بقي { $left } من بيانات باقتك: { $plan }
    هذا كل ما بقي حتى { $ends }. جدّد لتحصل على المزيد؛ رابطك يبقى كما هو.
notice-not-connected = ## هل تعمل باقتك لديك؟ { $plan }
    لم يتصل أحد برابطك بعد. اضغط **{ button-show-link }** لترى الرابط وطريقة استخدامه. وإن تعذر الاتصال فاكتب في محادثة طلبك ليساعدك فريقنا.
notice-suspended = ## أُوقفت باقتك: { $plan }
    أوقف فريقنا اشتراكك. تواصل معنا من فضلك في محادثة طلبك. موعد انتهائه كما هو: { $ends }.
notice-not-connected-no-thread = ## هل تعمل باقتك لديك؟ { $plan }
    لم يتصل أحد برابطك بعد. اضغط **{ button-show-link }** لترى الرابط وطريقة استخدامه. وإن تعذر الاتصال فتواصل مع فريقنا ليساعدك.
notice-suspended-no-thread = ## أُوقفت باقتك: { $plan }
    أوقف فريقنا اشتراكك. تواصل معنا من فضلك. موعد انتهائه كما هو: { $ends }.
notice-resumed = ## عادت باقتك إلى العمل: { $plan }
    أعاد فريقنا تشغيل اشتراكك. ينتهي { $ends }، ورابطك كما هو.

# الفريق
review-heading = ## دفعة تنتظر المراجعة
review-customer = **العميل** · { $mention } ({ $name })
review-plan = **الباقة** · { $plan }
review-plan-renewal = **الباقة** · { $plan }، تجديد للحساب `{ $account }`
review-amount = **المبلغ** · { $amount }، طريقة الدفع: { $method }
review-code = **الكود** · `{ $code }`، بدلًا من { $full }
review-code-lost = **الكود** · لم يعد `{ $code }` ساريًا حين وصل الإثبات، فالسعر كامل. كان العميل قد رأى سعرًا أقل.
review-order = **الطلب** · `{ $order }`
review-placed = **وقت التسجيل** · { $when }
review-proofs = **الإثبات** · { $when }
review-pictures-deleted = { $count ->
    [zero] لم تُحذف أي صورة ({ $when }؛ `retention.proofs`).
    [one] حُذفت الصورة في { $when } وفق `retention.proofs` في shop.yaml.
    [two] حُذفت الصورتان في { $when } وفق `retention.proofs` في shop.yaml.
    [few] حُذفت { $count } صور في { $when } وفق `retention.proofs` في shop.yaml.
    [many] حُذفت { $count } صورة في { $when } وفق `retention.proofs` في shop.yaml.
   *[other] حُذفت { $count } صورة في { $when } وفق `retention.proofs` في shop.yaml.
}
review-late = وصل أول إثبات بعد انتهاء مهلة الطلب.
review-seen-before = ⚠️ **سبق إرسالها** · صورة في هذا الطلب تطابق صورة في الطلب { $order } للعميل { $customer } أو تشبهها. قارن بينهما قبل الموافقة.
review-seen-before-lost = ⚠️ **سبق إرسالها** · صورة في هذا الطلب تطابق صورة في الطلب { $order } أو تشبهها، ولم يعد ذلك الطلب في السجلات. اسأل العميل قبل الموافقة.
review-place-lapsed = لم يعد هناك مكان محجوز لهذا الطلب، ويوجد الآن مكان متاح.
review-no-room = **لا يوجد مكان متاح** لهذا الطلب، ولم يعد هناك مكان محجوز له. إذا قُبل فسينتظر حسابه أول مكان يتاح.
review-unserved = **لا خادم يمكنه خدمته الآن.** إذا قُبل فسينتظر حسابه حتى يعود أحد خوادم باقته، ولن تبدأ مدته إلا حينها.
review-waits = حسابه ينتظر أول مكان يتاح: كل الأماكن مشغولة أو محجوزة.
review-approved = **تم القبول** · { $staff } في { $when }
review-approved-reference = **تم القبول** · { $staff } في { $when }، رقم العملية `{ $reference }`
review-declined = **تم الرفض** · { $staff } في { $when }:
    > { $reason }
review-cancelled = **تم الإلغاء** · { $staff } في { $when }
review-reversed = **سُحب القبول** · { $staff } في { $when }:
    > { $reason }
review-waiting = **في انتظار** إثبات الدفع من العميل.
alerts-heading = ## ما يحتاج إلى تدخل
alerts-none = لا شيء حاليًا.
alerts-more = وهناك المزيد ({ $n }): الأمر `nebulalinks get servers` يعرض الكل
alerts-new = ## مطلوب تدخل
alerts-over = ## انتهت المشكلة
alerts-since = منذ { $when }
alerts-do = ما العمل: { $remedy }
alerts-accounts-stalled =
    { $n ->
        [zero] لا حسابات عالقة
        [one] حساب واحد عالق في انتظار تدخل
        [two] حسابان عالقان في انتظار تدخل
        [few] { $n } حسابات عالقة في انتظار تدخل
        [many] { $n } حسابًا عالقًا في انتظار تدخل
       *[other] { $n } حساب عالق في انتظار تدخل
    }: الأمر `nebulalinks get accounts` يعرضها مع السبب.
alerts-links-undelivered =
    { $n ->
        [zero] لا روابط تعذر إرسالها
        [one] رابط واحد تعذر إرساله
        [two] رابطان تعذر إرسالهما
        [few] { $n } روابط تعذر إرسالها
        [many] { $n } رابطًا تعذر إرسالها
       *[other] { $n } رابط تعذر إرسالها
    }: يحصل العميل على رابطه بالزر في محادثة الطلب أو من **{ $my_account }**.
alerts-review-waiting =
    { $n ->
        [zero] لا إثباتات تنتظر المراجعة
        [one] إثبات واحد ينتظر المراجعة منذ أكثر من نصف ساعة
        [two] إثباتان ينتظران المراجعة، وأقدمهما منذ أكثر من نصف ساعة
        [few] { $n } إثباتات تنتظر المراجعة، وأقدمها منذ أكثر من نصف ساعة
        [many] { $n } إثباتًا تنتظر المراجعة، وأقدمها منذ أكثر من نصف ساعة
       *[other] { $n } إثبات تنتظر المراجعة، وأقدمها منذ أكثر من نصف ساعة
    }.
alerts-question-waiting =
    { $n ->
        [zero] لا عملاء ينتظرون الرد
        [one] عميل واحد ينتظر الرد منذ أكثر من اثنتي عشرة ساعة
        [two] عميلان ينتظران الرد، وأقدمهما منذ أكثر من اثنتي عشرة ساعة
        [few] { $n } عملاء ينتظرون الرد، وأقدمهم منذ أكثر من اثنتي عشرة ساعة
        [many] { $n } عميلًا ينتظرون الرد، وأقدمهم منذ أكثر من اثنتي عشرة ساعة
       *[other] { $n } عميل ينتظرون الرد، وأقدمهم منذ أكثر من اثنتي عشرة ساعة
    }.
confirm-title = ## هل تقبل هذه الدفعة؟
    دفع العميل { $customer } مبلغ **{ $amount }** مقابل **{ $plan }**، طريقة الدفع: { $method }.
    الطلب `{ $order }`. يمكن سحب القبول لاحقًا بالأمر `/admin order reverse`.
confirm-no-room = **لا يوجد مكان متاح له.** إذا قُبل فسينتظر حسابه أول مكان يتاح، ويُبلَّغ العميل بذلك.
modal-decline-title = رفض هذه الدفعة
modal-decline-reason = السبب كما سيقرؤه العميل
modal-reference-title = قبول هذه الدفعة
modal-reference-label = رقم عملية الدفع نفسها
modal-code-title = الكود الذي لديك
modal-code-label = الكود
modal-paid-title = إثبات الدفع
modal-paid-label = لقطات شاشة لعملية الدفع
modal-paid-other-ways = لا تجد مكانًا للصورة هنا؟ أغلق هذه النافذة واكتب /pay وأرفق الصورة في خانة proof.
staff-approved = تم القبول: الطلب `{ $order }`، الحساب `{ $account }`.
staff-declined = تم الرفض: الطلب `{ $order }`. أُبلغ العميل بالسبب.
staff-reopened = سُحب رفض الطلب `{ $order }`، وحالته الآن: { $state }.
staff-reversed = سُحب قبول الطلب `{ $order }`: لم تعد مدته تُحتسب للحساب `{ $account }`.
staff-granted = أضيفت المدة إلى الحساب `{ $account }`.
staff-granted-before = أضيف هذا إلى الحساب `{ $account }` من قبل. لم يتغير شيء.
staff-forgiven = { $accounts ->
    [zero] لا حسابات لدى `{ $of }` لإعفائها من { $by }.
    [one] لم يعد { $by } محتسبًا على حساب واحد لدى `{ $of }`.
    [two] لم يعد { $by } محتسبًا على حسابين لدى `{ $of }`.
    [few] لم يعد { $by } محتسبًا على { $accounts } حسابات لدى `{ $of }`.
    [many] لم يعد { $by } محتسبًا على { $accounts } حسابًا لدى `{ $of }`.
   *[other] لم يعد { $by } محتسبًا على { $accounts } حساب لدى `{ $of }`.
 }
staff-forgiven-before = أُعفي `{ $of }` من هذا من قبل. لم يتغير شيء.
staff-suspended = أُوقف الحساب `{ $account }`: سيوقفه خادمه، ويبقى موعد انتهائه كما هو.
staff-resumed = استؤنف الحساب `{ $account }`: سيشغّله خادمه من جديد.
staff-rotated = للحساب `{ $account }` بيانات دخول جديدة. يصل الرابط الجديد إلى العميل حين يأخذها الخادم، ويتوقف الرابط القديم عندئذ.
staff-moving = ينتقل الحساب `{ $account }` إلى { $server }. يصل الرابط الجديد إلى العميل حين يبدأ الخادم خدمته، ويبقى القديم يعمل يومًا.
staff-unchanged = الحساب `{ $account }` على هذه الحال بالفعل. لم يتغير شيء.
staff-panel-accepted = لوحة الخادم `{ $server }` هي الصحيحة. يُنشأ من جديد كل من ينقص عليها.
staff-already-done = سبقك أحد الزملاء. الطلب `{ $order }`، حالته: { $state }. لم يتغير شيء.
staff-refused-role = لا يبت في المدفوعات إلا المديرون والمالكون. اطلب ذلك من أحدهم؛ الأدوار مذكورة في `shop.yaml`.
staff-refused-order = لا يوجد مثل هذا الطلب في السجلات.
staff-refused-account = لا يوجد حساب بهذا الرقم في السجلات.
staff-no-account = ليس لهذا العميل حساب.
staff-refused-plan = لم تعد باقة هذا الطلب تباع. لم يتغير شيء. أعدها إلى `plans.yaml` بالقيمة `retired` لتتمكن من قبوله.
staff-refused-method = لم تعد طريقة دفع هذا الطلب موجودة في `payments.yaml`. لم يتغير شيء.
staff-refused-price = ليس للباقة سعر بعملة تقبلها طريقة الدفع هذه: الملفان `plans.yaml` و`payments.yaml` غير متوافقين. لم يتغير شيء.
staff-refused-capacity = لا مكان على أي خادم تسمح به هذه الباقة. لم يتغير شيء. ارفع قيمة `capacity` أو أضف خادمًا ثم اقبل الطلب؛ أو ارفضه وأعد المال إلى العميل.
staff-refused-family = لا تنتمي الباقة إلى عائلة ذلك الحساب أو نوعه. لم يتغير شيء.
staff-refused-proof = هذه الصورة مرفقة بالفعل بالطلب `{ $order }`.
staff-refused-proofs = بلغ الطلب `{ $order }` أقصى عدد من الصور.
staff-refused-damaged = مخزن السجلات تالف، ولا يُبت في شيء حتى يُستعاد كاملًا: تجد ما ينقصه في `/readyz` وفي سجل جهاز وحدة التحكم. لم يتغير شيء.
staff-refused-store = لا يمكن كتابة السجلات الآن: ربما امتلأ القرص، والسبب مذكور في السجل. لم يتغير شيء؛ اضغط مرة أخرى لاحقًا.
staff-reason-missing = السبب مطلوب لأن العميل سيقرؤه. لم يتغير شيء؛ اضغط **{ $decline }** مرة أخرى.
staff-reason-long = السبب أطول من 500 حرف. لم يتغير شيء؛ اكتب سببًا أقصر.
pending-title = ## مدفوعات تنتظر المراجعة: { $n }
pending-none = لا توجد مدفوعات تنتظر المراجعة.
pending-line = { $when } · العميل { $customer } · الباقة { $plan } · المبلغ { $amount } · الطلب `{ $order }`
pending-more = … وهناك المزيد ({ $n }).
admin-account-title = ## الحساب `{ $account }`
admin-account-customer = **العميل** · { $mention } ({ $name }) · العائلة `{ $family }`
admin-account-run = **الفترة { $run }** · منذ { $start }، تنتهي { $ends } · الممنوح { $granted }، الاستهلاك { $used }، المتبقي { $left } · الأجهزة: { $devices }
admin-account-no-term = لم تُضف أي مدة إلى هذا الحساب قط.
admin-account-compensated = التعويض { $length }، { $n ->
    [zero] بلا إضافات
    [one] في إضافة واحدة
    [two] في إضافتين
    [few] في { $n } إضافات
    [many] في { $n } إضافة
   *[other] في { $n } إضافة
 }.
admin-account-standing = **الوضع** · { $standing }
admin-account-binding = الخادم **{ $server }** · { $disposition } منذ { $since } · { $seen }
admin-account-no-binding = لا يخدمه أي خادم بعد.
admin-account-condition = الملاحظة **{ $kind }** منذ { $since }:
    > { $reason }
admin-account-no-condition = لا توجد ملاحظات.
admin-account-delivery = **تسليم الرابط** · { $state } في { $when }
admin-account-no-delivery = **تسليم الرابط** · لم يحدث بعد
admin-account-credentials = **بيانات الدخول** · الإصدار { $version }
admin-account-pick = { $n ->
    [zero] ليس لهذا العميل حساب.
    [one] لهذا العميل حساب واحد.
    [two] لهذا العميل حسابان؛ وهذا أحدثهما. الآخر: { $others }
    [few] لهذا العميل { $n } حسابات؛ وهذا أحدثها. البقية: { $others }
    [many] لهذا العميل { $n } حسابًا؛ وهذا أحدثها. البقية: { $others }
   *[other] لهذا العميل { $n } حساب؛ وهذا أحدثها. البقية: { $others }
 }
seen-problem = خطأ: { $problem }
seen-on = مفعّل
seen-off = متوقف
seen-absent = غير موجود على اللوحة
seen-never = لم يُكتب بعد
standing-active = نشط
standing-suspended = موقوف
standing-depleted = نفدت بياناته
standing-expired = انتهت مدته
disposition-serving = يخدمه
disposition-leaving = يُنقل منه
disposition-tombstoned = لم يعد يخدمه
delivery-delivered = أُرسل في رسالة خاصة
delivery-shown = عُرض عند الطلب
delivery-undelivered = لم يُسلَّم ({ $code })

# حالات الطلب
state-awaiting-payment = في انتظار الدفع
state-awaiting-review = قيد المراجعة
state-approved = مقبول
state-declined = مرفوض
state-expired = انتهت مهلته
state-cancelled = ملغى
state-reversed = سُحب قبوله

# الردود
reply-cancelled = أُلغي طلبك. إن كنت قد دفعت رغم ذلك فأرسل الإثبات عبر `/pay` ليُفتح من جديد.
reply-proof-taken = شكرًا لك! وصلنا إثبات دفع الطلب `{ $order }` وسيراجعه فريقنا. سنرد عليك في محادثة طلبك.
refused-not-staff = هذا متاح للفريق فقط. إن احتجت إلى مساعدة في طلب فاكتب في محادثته.
refused-unknown-order = هذا الطلب ليس لك أو أنه غير موجود. انظر في **{ $my_account }**، أو اضغط **{ $buy }** في المتجر لطلب جديد.
refused-unknown-account = هذا الحساب ليس لك أو أنه غير موجود. اضغط **{ $my_account }** في المتجر لترى حسابك.
refused-plan-not-sold = لم تعد هذه الباقة تباع. اضغط **{ $buy }** في المتجر لترى المتاح.
refused-method-not-offered = لم تعد طريقة الدفع هذه متاحة. اضغط **{ $buy }** في المتجر واختر غيرها.
refused-no-price = لا يمكن دفع ثمن هذه الباقة بهذه الطريقة. اضغط **{ $buy }** في المتجر واختر طريقة أخرى.
refused-no-capacity = كل أماكن هذه الباقة مشغولة. حاول لاحقًا من فضلك، أو اختر باقة أخرى.
refused-unserved = لا يوجد الآن خادم لهذه الباقة فيه مكان ويمكنه خدمتك، لذلك لا تُمنح حاليًا: كنت ستنتظر فقط. حاول لاحقًا من فضلك، أو اختر باقة أخرى. لم يتغير شيء.
refused-no-room = كل الأماكن المخصصة لمتابعة الطلبات مشغولة الآن، لذلك لا يمكن بدء طلب جديد. حاول مرة أخرى بعد قليل من فضلك. لم يتغير شيء.
refused-too-many-open = لديك بالفعل أكبر عدد نسمح به من الطلبات المفتوحة للشخص الواحد. انتظر من فضلك حتى يراجع فريقنا الطلب `{ $order }`.
refused-other-family = لا يمكن تجديد هذا الحساب بهذه الباقة. اضغط **{ button-renew }** مرة أخرى لترى ما يناسبه.
refused-duplicate-proof = لدينا هذه الصورة نفسها بالفعل، للطلب `{ $order }`. إن كان هو الطلب المقصود فلا يلزمك شيء آخر. وإلا فأرسل من فضلك إثبات *هذه* الدفعة.
refused-duplicate-reference = رقم العملية هذا مسجل بالفعل للطلب `{ $order }`. تحقق من الدفعة المقصودة.
refused-reference-required = تتطلب طريقة الدفع هذه رقم عملية الدفع نفسها. اضغط **{ $approve }** مرة أخرى واكتبه.
refused-proof-required = لا يوجد إثبات لهذا الطلب بعد. اطلب من العميل إرساله عبر `/pay`.
refused-wrong-state = لا يمكن ذلك. الطلب `{ $order }`، حالته: { $state }. لم يتغير شيء.
refused-no-order-for-proof = ليس لديك طلب ينتظر إثباتًا. اضغط **{ $buy }** في المتجر أولًا.
refused-too-many-proofs = بلغ الطلب `{ $order }` أقصى عدد من الصور. انتظر فريقنا من فضلك؛ فقد وصلته الصور الأخرى.
refused-cannot-move = لا يمكن نقله إلى هناك: إما أنه بلا خادم، أو انتهى، أو ينتقل الآن، أو لا تسمح باقته بذلك الخادم. لم يتغير شيء.
refused-not-admitted = لا يمكننا قبول طلب منك هنا. إذا كنت ترى أن في الأمر خطأ فاسأل فريقنا على خادمنا في Discord. ما لديك الآن يستمر كما هو.
refused-too-many-tickets = فتحت أسئلة كثيرة اليوم. يمكنك فتح السؤال التالي بدءًا من { $when }.
refused-unknown-ticket = لم يعد هذا السؤال موجودًا.
refused-too-soon = غيّرت رابطًا قبل قليل. يمكنك فعل ذلك مرة أخرى بدءًا من { $when }.
refused-code-unknown = لا يوجد كود كهذا يمكن استخدامه الآن. تأكد من كتابته وحاول مرة أخرى. لم يتغير شيء.
refused-code-not-yet = لا يمكن استخدام هذا الكود بعد. لم يتغير شيء.
refused-code-over = انتهت مدة هذا الكود. لم يتغير شيء.
refused-code-used-up = استُخدم هذا الكود بالعدد المسموح به كله. لم يتغير شيء.
refused-code-used = سبق أن استخدمت هذا الكود بالعدد المسموح به لكل عميل. لم يتغير شيء.
refused-code-plan = لا يسري هذا الكود على هذا الطلب: هو لباقة أخرى أو لعملة أخرى. لم يتغير شيء.
refused-code-days = هذا الكود يضيف أيامًا إلى حساب، ولا يخفض مبلغ طلب. لم يتغير شيء.
refused-code-order = هذا الكود يخفض مبلغ طلب: أدخله في الطلب قبل أن تدفع. لم يتغير شيء.
refused-code-account-plan = يضيف هذا الكود أيامًا إلى حسابات باقات أخرى غير باقتك. لم يتغير شيء.
refused-code-trial = يضيف هذا الكود أيامًا إلى حساب مدفوع، وحسابك تجربة مجانية. لم يتغير شيء.
refused-code-ended = انتهى حسابك، وهذا الكود يضيف أيامًا إلى حساب ما زال ساريًا فقط. يمكنك استخدامه بعد التجديد. لم يتغير شيء.
refused-code-taken-back = ألغى فريقنا دفعة هذا الحساب، فلا مدة تُضاف إليها الأيام. لم يتغير شيء.
refused-code-suspended = أوقف فريقنا هذا الحساب، ولا تُضاف إليه أيام حتى يعمل من جديد. تواصل معنا من فضلك. لم يتغير شيء.
refused-code-own-invitation = هذه دعوتك أنت، وهي لأصدقائك. لم يتغير شيء.
refused-code-invited-before = سبق أن احتُسبت لك دعوة أخرى. لم يتغير شيء.
refused-code-they-invited = هذه دعوة شخص دعوته أنت. لم يتغير شيء.
refused-code-no-newcomer = الدعوة لمن هو جديد هنا، وسبق أن كان لك حساب. لم يتغير شيء.
refused-code-another = يسري كود على هذا الطلب بالفعل، ولكل طلب كود واحد. لم يتغير شيء.
refused-code-too-often = كتبت أكوادًا كثيرة غير موجودة. يمكنك المحاولة مرة أخرى بدءًا من { $when }.
refused-trial-taken = سبق أن حصلت على تجربتك المجانية: لكل عميل تجربة واحدة. تجدها في **{ $my_account }** في المتجر، وهناك تتابعها بالضغط على **{ button-renew }**. لم يتغير شيء.
refused-trial-runs = باقة **{ $plan }** لديك بالفعل: إنها تجربتك المجانية الوحيدة. اضغط الزر أدناه للحصول على رابطك. لم يتغير شيء.
refused-nothing-granted = لن يضيف هذا شيئًا. لم يتغير شيء.
refused-clock = نتحقق من ضبط ساعتنا الآن، ولا نسجل طلبًا ولا نلغيه حتى ننتهي. حاول من فضلك بعد بضع دقائق. أما إثبات الدفع فنستلمه في كل الأحوال.
refused-clock-staff = ساعة المتجر مشكوك في صحتها، فلا يُبت في شيء يعتمد على التواريخ. لم يتغير شيء؛ اضغط مرة أخرى حين يزول الشك، وهو يزول تلقائيًا حين يتفق معها Discord أو معظم الخوادم. السبب مذكور في `/readyz` وفي سجل جهاز وحدة التحكم.
refused-damaged = نستعيد سجلاتنا الآن ولا نبيع شيئًا حتى ننتهي. ما لديك مستمر في العمل. لم يتغير شيء؛ حاول لاحقًا من فضلك.
refused-store = لا يمكننا تنفيذ ذلك الآن. لم يتغير شيء. حاول من فضلك بعد بضع دقائق.
proof-not-an-image = هذا الملف ليس صورة نستطيع قراءتها. أرسل من فضلك لقطة شاشة للدفع بصيغة PNG أو JPEG أو WebP أو GIF.
proof-not-own = هذه الرسالة ليست لك. استخدم الأمر على رسالة لك فيها الصورة، أو أرسل الصورة عبر `/pay`.
proof-in-ticket = الصورة في هذه المحادثة ليست إثباتًا للدفع. أرسلها بالأمر `/pay`.
proof-old-thread = أُغلق طلب هذه المحادثة. إن كانت الصورة لطلب آخر فأرسلها عبر `/pay order:` مع رقم ذلك الطلب.
proof-unread = لا نستطيع رؤية ما يُرسَل هنا. إن كانت هذه صورة الدفع فأرسلها عبر `/pay`، أو اختر **{ command-use-as-proof }** من قائمة رسالتك (التطبيقات).
proof-too-large = هذا الملف كبير جدًا: الحد الأقصى { $limit }. تكفي لقطة شاشة للدفع.
proof-download-failed = لم نتمكن من جلب هذا الملف من Discord. أرسله مرة أخرى من فضلك عبر `/pay`.
proof-missing = أرفق صورة من فضلك: `/pay proof:`
bad-order-number = هذا ليس رقم طلب: `{ $text }`. انسخ الرقم من محادثة طلبك، أو اتركه فارغًا.
bad-order-number-staff = هذا ليس رقم طلب: `{ $text }`. اختر من الطلبات المعروضة أثناء الكتابة، أو أدخل رقم الطلب أو معرّفه كاملًا.
bad-account-number = هذا ليس رقم حساب: `{ $text }`.
too-many-presses = ضغطت خلال دقيقة أكثر مما نجيب عنه. لم يتغير شيء. حاول مرة أخرى بعد { $seconds ->
    [zero] لحظات
    [one] ثانية
    [two] ثانيتين
    [few] { $seconds } ثوانٍ
    [many] { $seconds } ثانية
   *[other] { $seconds } ثانية
 } من فضلك.
unknown-click = هذا الزر من رسالة قديمة. ابدأ من المتجر مرة أخرى من فضلك.
went-wrong = حدث خطأ لدينا، وربما لم يُنفَّذ ما طلبته. حاول من فضلك بعد دقيقة.

# الأوامر
command-pay = إرسال إثبات دفع طلبك
command-pay-proof = لقطة شاشة للدفع (PNG أو JPEG أو WebP أو GIF، حتى 10 MiB)
command-pay-order = رقم الطلب؛ اتركه فارغًا لأحدث طلب لديك
command-use-as-proof = هذا إثبات الدفع
command-admin = للفريق
command-admin-pending = المدفوعات التي تنتظر المراجعة
command-admin-accounts = حساب عميل واحد
command-admin-account = حساب واحد: ما يحق له، وأي خادم يخدمه، وما الخلل
command-admin-account-account = رقم الحساب
command-admin-account-customer = أو صاحبه

# أجزاء السطر المعروض أثناء الكتابة
offer-order = الطلب { $order }
offer-account = الحساب { $id }
offer-customer = العميل { $name }
offer-plan = الباقة { $id }
offer-price = السعر { $price }

# أوامر فريق المتجر وأسئلته
button-reverse = سحب القبول
button-suspend = إيقاف
button-rotate = استبدال بيانات الدخول
button-move = نقل
modal-why-title = لماذا؟
modal-why-label = السبب، لسجل التدقيق
ask-cancel = ## إلغاء الطلب `{ $order }`؟
    لم يدفع العميل { $customer } بعد **{ $amount }** مقابل **{ $plan }**. إن دفع لاحقًا فإثبات الدفع يعيد فتح الطلب.
ask-reverse = ## سحب قبول الطلب `{ $order }`؟
    دفع العميل { $customer } **{ $amount }** مقابل **{ $plan }**. لن تُحتسب مدته بعد الآن: تقصر مدة الحساب أو تنتهي. سيقرأ العميل السبب.
ask-suspend = ## إيقاف الحساب `{ $account }`؟
    يتوقف اشتراك العميل { $customer } حتى يُستأنف. ويبقى موعد انتهائه كما هو.
ask-rotate = ## استبدال بيانات دخول الحساب `{ $account }`؟
    يتوقف رابط العميل { $customer } عن العمل ويصله رابط جديد.
ask-move = ## نقل الحساب `{ $account }` إلى `{ $server }`؟
    يحصل العميل { $customer } على رابط جديد حين يصبح ذلك الخادم جاهزًا؛ ويبقى القديم يعمل يومًا.
ask-note = لا يمكن لغيرك الإجابة، وأمامك خمس دقائق.
ask-late = مضى على هذا السؤال أكثر من خمس دقائق. لم يتغير شيء؛ ابدأ من جديد.
ask-due-changed = المبلغ المستحق الآن { $amount }، فقد أُدخل كود خصم بعد سؤالك. لم يتغير شيء؛ ابدأ من جديد.
ask-others = هذا السؤال موجّه إلى شخص آخر. لم يتغير شيء؛ ابدأ بنفسك.
ask-no-reason = السبب مطلوب. لم يتغير شيء؛ أدخل الأمر من جديد.
bad-amount = هذا ليس مقدار بيانات ولا عدد أيام: { $text }. مقدار البيانات مثل 10GiB أو 500MiB أو unlimited، والأيام من 1 إلى 36500. لم يتغير شيء.
staff-cancelled = أُلغي الطلب `{ $order }`. إثبات الدفع يعيد فتحه.
staff-refused-owners = هذا للمالكين وحدهم. اطلبه من أحدهم؛ الأدوار مذكورة في `shop.yaml`.
staff-refused-admins = هذا للمالكين والمديرين وحدهم. اطلبه من أحدهم؛ الأدوار مذكورة في `shop.yaml`.
admin-order-title = ## الطلب `{ $order }`
admin-order-state = **الحالة** · { $state }
admin-order-id = **المعرّف** · `{ $id }`
admin-order-pay-by = **الدفع قبل** · { $when }
admin-order-account = **الحساب** · `{ $account }`
admin-users-title = ## العملاء: { $text }
admin-users-line = العميل { $customer } · { $name } · `{ $id }`
admin-users-none = لا يوجد عميل في اسمه كلمة تبدأ هكذا.
admin-users-more = هناك نتائج أخرى: اكتب جزءًا أطول من الاسم.
admin-user-unknown = لا يوجد عميل كهذا في السجلات.
admin-user-title = ## العميل { $customer } ({ $name })
admin-user-known = **معروف باسم** · { $known } · المعرّف `{ $id }`
staff-note = **ملاحظة** · { $text } (كتبها { $who } في { $when })
staff-note-long = لم يتغير شيء: لا تزيد الملاحظة على { $count } حرف. اختصرها من فضلك.
forgotten-customer = عميل منسي
admin-user-forgotten = **نُسي** · { $when }: لا شيء هنا يدل على هويته
admin-user-being-forgotten = **نُسي** · { $when }: يُحذف الآن ما بقي يدل عليه
ask-forget = ## نسيان العميل { $customer } ({ $name })؟
    يُحذف نهائيًا: معرّفه واسمه ولغته وإعداداته والملاحظة عنه؛ صور مدفوعاته؛ محادثات طلباته وأسئلته؛ هويته في السجل.
    يبقى تحت `{ $id }`: الحسابات: { $accounts } · الطلبات: { $orders }، مع ما دُفع ومتى.
    إن عاد هذا الشخص فهو عميل جديد. لمنعه أضفه أولًا إلى `limits: block` في `shop.yaml`.
ask-forget-tried = سبق له أن أخذ تجربة مجانية، ويمكنه بعد ذلك أن يأخذ أخرى.
button-forget = نسيان نهائي
staff-forgot = نُسي العميل `{ $id }`. يُحذف الآن ما بقي يدل عليه، ويخبرك الأمر `/admin user show` حين لا يبقى شيء.
staff-refused-forgotten = نُسي هذا العميل: لا يُباع له شيء ولا يُمنح، ولا تُكتب عنه ملاحظات.
staff-refused-forget-account = لم يتغير شيء: الحساب `{ $account }` ما زال ساريًا. انتظر انتهاءه، أو أوقفه إن تنازل صاحبه عما بقي؛ ثم انسَ العميل.
staff-refused-forget-order = لم يتغير شيء: الطلب `{ $order }` مفتوح. ألغه أو احسمه أولًا، ثم انسَ صاحبه.
staff-refused-forget-ticket = لم يتغير شيء: السؤال `{ $ticket }` مفتوح. أغلقه من بطاقته أولًا، ثم انسَ صاحبه.
admin-user-since = **عميل منذ** · { $when }
admin-user-language = **اللغة** · `{ $language }`
admin-user-accounts = **الحسابات**
admin-user-account = الحساب `{ $account }` · { $plan } · { $standing }
admin-user-order = الطلب `{ $order }` · { $plan } · المبلغ { $amount } · { $state }
admin-user-orders = **الطلبات**
admin-user-no-order = لا طلبات في الأيام الأخيرة.
admin-plans-title = ## الباقات: { $n }
admin-plan-line = الباقة `{ $plan }` · { $name } · السعر { $price } · الحالة `{ $lifecycle }` · المباع: { $sold }
admin-plan-title = ## الباقة `{ $plan }`: { $name }
admin-plan-more = **العائلة** · `{ $family }` · **الحالة** · `{ $lifecycle }` · **المباع** · { $sold }
admin-plan-servers = **الخوادم** · { $servers }
admin-plan-no-server = **الخوادم** · لا يوجد في `servers.yaml` خادم تسمح به
admin-plan-unknown = لا توجد باقة كهذه في `plans.yaml`.
admin-servers-title = ## الخوادم: { $n }
admin-server-line = الخادم { $places } · { $name } · الحالة `{ $lifecycle }` · { $state }
admin-server-title = ## الخادم `{ $server }`: { $name }
admin-server-facts = **المضيف** · `{ $host }` · { $places } · `{ $lifecycle }`
admin-server-listed = **آخر قائمة** · { $when }
admin-places = `{ $server }` { $bound }/{ $capacity }
admin-written = مكتوب في `{ $place }`؛ يُغيَّر هناك، لا من هنا.
admin-removed = لم يعد في `{ $file }`، لكنه يبقى لما بيع حتى ينتهي.
export-done = **عدد الصفوف** · { $n } · الملف `{ $file }`
export-private = لا يرى هذا سواك. احفظ الملف حيث لا يقرؤه إلا الفريق.
export-too-large = هذا أكبر مما يقبله Discord، والحد بالميبيبايت: { $mib }. خذ أيامًا أقل، أو اكتبه على خادم المتجر:
export-failed = تعذّرت كتابته الآن. حاول من جديد، أو اكتبه على خادم المتجر:
export-command = الأمر: `nebulalinks export { $words }`
export-not-understood = اكتب الأيام بالشكل 2026-11-30، والأول لا يلي الأخير، واختر الباقي مما يُعرض.
setup-title = ## الإعداد
setup-unknown = تعذّر سؤال Discord الآن. حاول بعد دقيقة؛ والتفاصيل في سجل الخدمة.
setup-channel = القناة { $channel } · `{ $place }` · { $how }
setup-well = كما يجب
setup-ill = انظر أدناه
setup-all-well = لدى البوت كل ما يحتاجه. وتُفحص الآن من جديد الرسائل التي يجب أن تكون في هذه القنوات.
setup-problem = - { $what }
    ← { $mend }
setup-no-server = البوت ليس عضوًا في السيرفر `{ $id }` المذكور في shop.yaml.
setup-no-server-mend = افتح رابط الدعوة في README واختر هذا السيرفر واضغط «تفويض»، أو ضع المعرّف الصحيح في `discord.guild`.
setup-no-channel = لا توجد قناة `{ $place }` بالمعرّف `{ $id }`.
setup-no-channel-mend = أنشئ قناة نصية بزر +، ثم انقر عليها بالزر الأيمن واختر «نسخ معرّف القناة»، وضعه في `discord.channels.{ $place }` في shop.yaml.
setup-category-mend = أنشئ فئة (Category) بزر +، ثم انقر عليها بالزر الأيمن واختر «نسخ معرّف القناة»، وضعه في `orders: categories` في shop.yaml.
setup-wrong-kind = لا تصلح { $channel } أن تكون القناة `{ $place }`.
setup-wrong-kind-mend = أنشئ قناة نصية بزر +، وضع معرّفها في `discord.channels.{ $place }` في shop.yaml.
setup-lacks = تنقص البوت صلاحيات في القناة { $channel } (`{ $place }`).
setup-lacks-mend = «تعديل القناة» في { $channel }، ثم «الصلاحيات»، أضف دور البوت وفعّل: { $permissions }
setup-may-view-channel = عرض القناة (View Channel)
setup-may-manage-channels = إدارة القنوات (Manage Channels)
setup-may-send-messages = إرسال الرسائل (Send Messages)
setup-may-attach-files = إرفاق الملفات (Attach Files)
setup-may-read-history = قراءة سجل الرسائل (Read Message History)
setup-may-private-threads = إنشاء سلاسل خاصة (Create Private Threads)
setup-may-send-in-threads = إرسال الرسائل في السلاسل (Send Messages in Threads)
setup-may-manage-threads = إدارة السلاسل (Manage Threads)
setup-may-mention-roles = الإشارة إلى كل الأدوار (Mention @everyone, @here and All Roles)
setup-public = الجميع يرى { $channel } (`{ $place }`)، وهي للفريق وحده.
setup-public-mend = «تعديل القناة» في { $channel }، ثم «الصلاحيات»، فعّل «قناة خاصة» وأضف أدوار الفريق والبوت.
setup-no-message = رسالة المتجر في { $channel } (`{ $place }`) غير موجودة.
setup-no-message-mend = تُنشر الآن. إن لم تظهر فالأمر `/admin health` يذكر السبب.
setup-no-role = يذكر `discord.roles.{ $key }` في shop.yaml دورًا غير موجود: `{ $id }`.
setup-no-role-mend = «إعدادات السيرفر»، ثم «الأدوار»، انقر على الدور الصحيح بالزر الأيمن واختر «نسخ معرّف الدور»، وضعه في `discord.roles.{ $key }`.
setup-unread = يريد المتجر قراءة الصور المرسلة، ولا يسمح Discord للبوت بذلك.
setup-unread-mend = في discord.com/developers ثم Bot فعّل Message Content Intent، أو احذف `discord.message_content` من shop.yaml.
setup-no-commands = لم يقبل Discord أوامر هذه النسخة.
setup-no-commands-mend = تُرسل حين يتصل البوت من جديد: `systemctl restart nebulalinks`.
health-title = ## الحالة العامة
health-well = كل شيء على ما يرام.
health-reason = **{ $code }**: { $detail }
    ← { $remedy }
health-orders = **الطلبات** · للمراجعة: { $review } · بانتظار الدفع: { $pay }
health-files = **الملفات** · الإصدار `{ $revision }`
audit-title = ## سجل التدقيق
audit-line = { $when } · بواسطة { $who } · الإجراء **{ $verb }** · `{ $subject }` · { $outcome }
audit-none = لم يُسجَّل شيء قبل ذلك.
command-admin-orders = طلب واحد
command-admin-order-show = طلب: لمن، ولأي شيء، ومن قرر ماذا
command-admin-order-approve = تم دفعه: تضاف المدة إلى حسابه
command-admin-order-decline = لم يُدفع؛ سيقرأ العميل السبب
command-admin-order-cancel = إلغاؤه نيابة عن العميل ما لم يُدفع شيء
command-admin-order-reverse = سحب قبوله؛ سيقرأ العميل السبب
command-admin-order-order = رقم الطلب أو اسم العميل أو المعرّف
command-admin-account-suspend = إيقافه حتى يُستأنف
command-admin-account-resume = استئنافه بعد إيقافه
command-admin-account-grant = إضافة مدة وبيانات دون دفع
command-admin-account-rotate = بيانات دخول جديدة: يتوقف الرابط القديم
command-admin-account-move = نقله إلى خادم آخر
command-admin-reason = السبب، لسجل التدقيق
command-admin-days = عدد الأيام الإضافية
command-admin-traffic = كم من البيانات الإضافية، مثل 10GiB
command-admin-server-server = معرّف الخادم كما في servers.yaml
command-admin-users = العملاء
command-admin-user-find = العملاء حسب بداية أسمائهم
command-admin-user-show = عميل: حساباته وطلباته وأين يُعرف
command-admin-user-note = ملاحظة عن عميل: لا يقرؤها إلا فريقنا
command-admin-user-forget = نسيان عميل نهائيًا: للمالكين وحدهم، بعد سؤال
command-admin-user-note-text = النص بدل الملاحظة السابقة؛ ومن دونه تُحذف
command-admin-user-name = بداية كلمة من الاسم
command-admin-user-customer = الاسم أو المعرّف أو إشارة إليه
command-admin-plans = الباقات كما في plans.yaml
command-admin-plan-list = كل الباقات
command-admin-plan-show = باقة، وموضعها في الملفات
command-admin-plan-plan = معرّف الباقة أو اسمها
command-admin-servers = الخوادم كما في servers.yaml
command-admin-server-list = كل الخوادم
command-admin-server-show = خادم: أماكنه، وما الخلل، وموضعه في الملفات
command-admin-export = الطلبات أو الحسابات أو العملاء أو الإيرادات أو السجل في ملف
command-admin-export-what = ماذا يُسرد
command-admin-export-format = الصيغة: csv لجداول البيانات (الافتراضي)، json للبرامج
command-admin-export-from = من هذا اليوم، مثل 2026-11-01
command-admin-export-to = إلى هذا اليوم وهو داخل فيه
command-admin-setup = هل القنوات والصلاحيات والأدوار والرسائل كما يحتاجها المتجر
command-admin-health = ما الخلل الآن وما العمل
command-admin-audit = من فعل ماذا، الأحدث أولًا
stats-title = ## المتجر بالأرقام
stats-line = { $what } · { $n }
stats-orders = **الطلبات**
stats-accounts = **الحسابات** · { $n }
stats-ready = تعمل كما بيعت
stats-unbound = بلا خادم
stats-ending = ينتهي خلال 3 أيام
stats-revenue = **الإيرادات**
stats-revenue-line = بعملة { $currency }: اليوم { $today } · هذا الشهر { $month } · الشهر الماضي { $before }
stats-revenue-none = لا إيرادات منذ أول الشهر الماضي.
stats-days = آخر 30 يومًا: { $bars }
stats-servers = **الخوادم**
stats-server = الخادم { $server } · { $how } · الأماكن { $bound }/{ $capacity }
stats-server-unseen = لم يرد بعد
stats-customers = **العملاء** · { $n }
broadcast-modal-title = رسالة إلى العملاء
broadcast-modal-to = إلى من (فارغ: كل من لديه حساب)
broadcast-modal-text = ما سيقرؤونه
broadcast-bad-to = لا يدل { $typed } على أحد نكتب إليه. لم يُكتب شيء.
broadcast-audiences =
    كل من لديه حساب يعمل الآن: `all`
    كل من لديه حساب بهذه الباقة، وتفصل الفواصل بين عدة باقات: `plan:ID`
    كل من لديه حساب على هذا الخادم، وتفصل الفواصل بين عدة خوادم: `server:ID`
    كل من انتهى حسابه خلال آخر 30 يومًا ولا حساب له الآن: `ended:30`
    كل من لديه حساب ويقرأ بهذه اللغة: `language:TAG`
broadcast-preview-title = ## هل نرسل هذا إلى العملاء؟
broadcast-to = **إلى** · { $audience }
broadcast-by = **كتبها** · { $staff }
broadcast-gets = **تصل إلى** · { $n }
broadcast-muted = **لا يريدون الأخبار** · { $n }
broadcast-takes = **تستغرق** · { $length }
broadcast-quiet = **تنتظر في ساعات الهدوء** · { $hours }
broadcast-nobody = لن تصل الآن إلى أحد، فلا يمكن إرسالها.
broadcast-sending = ## رسالة جماعية قيد الإرسال
broadcast-sent = ## أُرسلت رسالة جماعية، { $when }
broadcast-stopped = ## أوقف { $staff } رسالة جماعية، { $when }
broadcast-sent-of = **أُرسلت إلى** · { $sent } · العدد المتوقع: { $all }
broadcast-closed = **لا يمكن مراسلتهم** · { $n }
broadcast-unknown = **لا يُعرف هل وصلت إليهم** · { $n }
broadcast-text-bad = لم يُكتب شيء: للرسالة الجماعية نص لا يزيد على { $most } حرف.
broadcast-unknown-to = ليس في المتجر باقة أو خادم أو لغة كهذه. لم يُكتب شيء.
broadcast-gone = لم تعد هذه الرسالة موجودة، أو كتبها شخص آخر. لم يُرسل شيء؛ ابدأ من جديد بالأمر `/admin broadcast`.
button-send = إرسال
button-stop = إيقاف الإرسال
command-admin-broadcast = أخبار لعملاء كثيرين: اكتبها أو أوقف إرسالها
command-admin-stats = أعداد الطلبات والحسابات والعملاء
staff-refused-server = لا يوجد خادم كهذا في `servers.yaml`. لم يتغير شيء.
