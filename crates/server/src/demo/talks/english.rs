//! In English.

use super::{Talk, Turn};

pub(super) static TALKS: &[Talk] = &[
    Talk { name: "order-status", turns: ORDER_STATUS },
    Talk { name: "refund", turns: REFUND },
    Talk { name: "change-plan", turns: CHANGE_PLAN },
    Talk { name: "sign-in-trouble", turns: SIGN_IN },
    Talk { name: "product-advice", turns: ADVICE },
    Talk { name: "invoice-question", turns: INVOICE },
];

const ORDER_STATUS: &[Turn] = &[
    Turn {
        asks: &[
            "Hi, where is my order <order>? It should have arrived <days> days ago.",
            "Tracking for <order> has not moved for <days> days. Is it lost?",
            "hey, any news on order <order> (the <product>)? thanks",
        ],
        answers: &[
            "I'm sorry about the delay. Order <order> left our warehouse in <city> and was handed \
             to the carrier, and the last scan is at the regional hub. The carrier now expects to \
             deliver within two working days. Shall I send you the tracking link, or open an \
             investigation with them right away?",
            "Thank you for your patience. I can see <order>: it was packed in <city> and is with \
             the carrier, but it has not been scanned for <days> days. That usually means it sits \
             in a container that has not been opened. I can ask the carrier to look for it, or \
             send a replacement for the <product> if it has not moved by tomorrow evening.",
        ],
    },
    Turn {
        asks: &[
            "Please open the investigation. What happens if it really is lost?",
            "OK, ask them to look for it. Do I have to pay for a replacement?",
        ],
        answers: &[
            "Done: the carrier has until tomorrow at 18:00 to find it. If it is lost, you choose: \
             we send the <product> again at no cost, with express delivery, or we refund the full \
             €<amount> to the card you paid with. Either way you do not need to do anything; I \
             will write to you when we hear back.",
        ],
    },
    Turn {
        asks: &["Great, that helps. Thank you!", "Perfect, I'd take the replacement then."],
        answers: &[
            "You're welcome! I have noted it on order <order>, so whoever reads it next knows. \
             Have a good day.",
        ],
    },
];

const REFUND: &[Turn] = &[
    Turn {
        asks: &[
            "I returned the <product> from order <order> last week. When do I get my €<amount> \
             back?",
            "Still no refund for <order>. It's been <days> days since you received the parcel.",
        ],
        answers: &[
            "Your return for order <order> was checked in at <city>, and the refund of €<amount> \
             has been approved. Card refunds take three to five working days to show up, \
             depending on your bank. If you paid by invoice, you will see it within one day.",
        ],
    },
    Turn {
        asks: &[
            "I paid by card. Can you tell me the exact date it was sent?",
            "Does that include what I paid for shipping?",
        ],
        answers: &[
            "The refund was sent to your bank two days ago, with the reference <order>-R. It \
             includes the price of the <product> and the original shipping; only express \
             surcharges are not refunded. If it has not arrived by Friday, send me a message here \
             and I will ask our payment provider for a trace.",
        ],
    },
];

const CHANGE_PLAN: &[Turn] = &[
    Turn {
        asks: &[
            "We are five people now. Is the Team plan cheaper than five times Pro?",
            "What do I lose if I go from Team back to Pro?",
        ],
        answers: &[
            "For five people Team is <percent> % cheaper than five Pro seats, and it adds shared \
             folders, roles and one invoice for all. Everything you have in Pro stays as it is. \
             Going back later is possible at the end of any billing month; shared folders then \
             become read-only, and nothing is deleted.",
        ],
    },
    Turn {
        asks: &[
            "If I switch today, do I pay for this month twice?",
            "Can I try Team first, before we all move?",
        ],
        answers: &[
            "No. What is left of this month is credited, so today you would pay €<amount> instead \
             of the full price. You can also start a 14-day trial of Team next to your current \
             plan: Settings → Plan → Try Team. It ends by itself if you do nothing.",
        ],
    },
];

const SIGN_IN: &[Turn] = &[
    Turn {
        asks: &[
            "I got a new phone and now the two-factor code is always wrong.",
            "Cannot log in!! It says the code is invalid. I tried <days> times.",
        ],
        answers: &[
            "That is annoying, and it can be fixed. Codes are wrong when the clock of the phone is \
             off by more than 30 seconds, so first please turn on automatic date and time. If that \
             does not help, use one of the recovery codes you saved when you set up two-factor \
             sign-in. Do you still have them?",
        ],
    },
    Turn {
        asks: &["The clock was fine, and I have no recovery codes.", "No idea where those are..."],
        answers: &[
            "Then we verify you another way. Please open the link we have just sent to the address \
             on your account. It asks for the date of your first order and the last four digits of \
             the card you used. After that two-factor sign-in is off for one hour, so that you can \
             set it up on the new phone.",
        ],
    },
    Turn {
        asks: &["It worked, I'm in again. Thanks for the quick help"],
        answers: &[
            "Good to hear! Please save the new recovery codes in your password manager; they are \
             shown only once.",
        ],
    },
];

const ADVICE: &[Turn] = &[
    Turn {
        asks: &[
            "Does the <product> come with a warranty, and can I get spare parts?",
            "Looking for a present for my dad, he liked the <product>. Anything similar?",
        ],
        answers: &[
            "The <product> comes with three years of warranty, and spare parts are kept for at \
             least eight years. If you like its style, two others fit well: the smaller version, \
             which is <percent> % lighter, and the new edition in oak. Both are in stock in \
             <city> and arrive within <days> working days.",
        ],
    },
    Turn {
        asks: &["What's the price difference?", "And if he doesn't like it?"],
        answers: &[
            "The new edition is €<amount>, about <percent> % more than the standard one. You have \
             60 days to return it, also without the box, and returns are free.",
        ],
    },
];

const INVOICE: &[Turn] = &[Turn {
    asks: &[
        "Our accounting needs the invoice for <order> with our VAT number on it.",
        "The invoice for <order> says €<amount>, but I was charged <percent> % less. Why?",
    ],
    answers: &[
        "I have issued a corrected invoice for order <order> over €<amount>, including your \
         company's VAT number and address as they are in your account. The difference to the \
         charge is the voucher, which the new invoice shows on a line of its own. You find it \
         under Orders → <order> → Documents; the old one is marked as replaced.",
    ],
}];
