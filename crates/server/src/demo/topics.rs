//! What people ask the company's knowledge base.

use super::cast::Language;
use super::dice::Dice;

/// A question that documents answer. Words between angle brackets stand for facts, as in talks.
pub(super) struct Topic {
    pub(super) questions: &'static [&'static str],
    pub(super) documents: &'static [Document],
    pub(super) answer: &'static str,
}

/// A passage.
pub(super) struct Document {
    pub(super) id: &'static str,
    pub(super) text: &'static str,
}

/// One in this language, else in English.
pub(super) fn one(dice: &mut Dice, language: Language) -> &'static Topic {
    dice.one(match language {
        Language::German => GERMAN,
        Language::Japanese => JAPANESE,
        Language::English | Language::French | Language::Spanish => ENGLISH,
    })
}

const fn document(id: &'static str, text: &'static str) -> Document {
    Document { id, text }
}

static ENGLISH: &[Topic] = &[
    Topic {
        questions: &[
            "How did revenue develop in the last quarter, and which segment grew most?",
            "Summarise the quarterly report for the sales team in three sentences.",
        ],
        documents: &[
            document(
                "reports/2026-q2.pdf#p4",
                "Revenue rose <percent> % year over year to €18.4 million. Home office grew \
                 fastest, followed by lighting; outdoor declined slightly after a cool spring.",
            ),
            document(
                "reports/2026-q2.pdf#p7",
                "Gross margin improved by 1.3 points, mainly because freight rates fell. The \
                 outlook for the year is confirmed.",
            ),
            document(
                "sales/all-hands-2026-07.md",
                "Repeat customers now bring <percent> % more revenue than a year ago; the average \
                 basket is €<amount>.",
            ),
        ],
        answer: "Revenue grew <percent> % to €18.4 million in the second quarter [1]. Home office \
            grew most, lighting came second, and outdoor fell slightly because of the cool spring \
            [1]. Margin improved by 1.3 points thanks to lower freight rates [2], and repeat \
            customers spend more than last year, with an average basket of €<amount> [3].",
    },
    Topic {
        questions: &[
            "How many weeks of parental leave can I take, and when do I have to tell HR?",
            "I'm becoming a father in autumn. What do I need to do for parental leave?",
        ],
        documents: &[
            document(
                "handbook/leave.md#parental",
                "Every parent may take up to 26 weeks of paid parental leave within the first two \
                 years. It can be split into at most three parts.",
            ),
            document(
                "handbook/leave.md#notice",
                "Tell your lead and HR at least <days> weeks before the leave begins, through the \
                 form “Parental leave” in the HR portal.",
            ),
        ],
        answer: "You can take up to 26 weeks of paid leave within the first two years and split it \
            into three parts [1]. Please tell your lead and HR at least <days> weeks before it \
            begins; the form is in the HR portal under “Parental leave” [2]. Congratulations!",
    },
    Topic {
        questions: &[
            "A customer sent us a database dump by email. What does our policy say I must do?",
            "May I upload customer data to an external AI tool for analysis?",
        ],
        documents: &[
            document(
                "security/data-handling.md#classes",
                "Customer data is class C3. It may be processed only in systems on the approved \
                 list, and never be sent or kept in mailboxes.",
            ),
            document(
                "security/incidents.md#first-hour",
                "Within the first hour: do not forward, do not open attachments, report through \
                 #security-incidents, and keep the original message until security has copied it.",
            ),
            document(
                "security/approved-tools.md",
                "Approved for C3: the data warehouse, the support desk, and the internal assistant \
                 with zero retention. Everything else needs a ticket.",
            ),
        ],
        answer: "Customer data is class C3: it must not stay in a mailbox and may only be processed \
            in approved systems [1]. Do not forward or open the attachment; report it in \
            #security-incidents within the hour and keep the message until security has copied it \
            [2]. For analysis, use the data warehouse or the internal assistant; other AI tools \
            need a ticket first [3].",
    },
];

static GERMAN: &[Topic] = &[
    Topic {
        questions: &[
            "Wie viele Urlaubstage kann ich ins nächste Jahr mitnehmen?",
            "Verfällt mein Resturlaub, wenn ich ihn bis Dezember nicht nehme?",
        ],
        documents: &[
            document(
                "handbuch/urlaub.md#uebertrag",
                "Bis zu <days> Urlaubstage können bis zum 31. März des Folgejahres übertragen \
                 werden. Darüber hinaus ist die Zustimmung der Teamleitung nötig.",
            ),
            document(
                "handbuch/urlaub.md#verfall",
                "Urlaub verfällt nur, wenn rechtzeitig darauf hingewiesen wurde und er hätte \
                 genommen werden können. Bei Krankheit verlängert sich die Frist um zwölf Monate.",
            ),
        ],
        answer: "Sie können bis zu <days> Tage bis zum 31. März mitnehmen, mehr nur mit Zustimmung \
            Ihrer Teamleitung [1]. Resturlaub verfällt außerdem nur, wenn Sie rechtzeitig darauf \
            hingewiesen wurden; nach Krankheit haben Sie zwölf Monate länger Zeit [2].",
    },
    Topic {
        questions: &[
            "Wie hat sich der Umsatz im letzten Quartal entwickelt?",
            "Welche Warengruppe ist im zweiten Quartal am stärksten gewachsen?",
        ],
        documents: &[document(
            "berichte/2026-q2.pdf#s4",
            "Der Umsatz stieg gegenüber dem Vorjahr um <percent> % auf 18,4 Mio. €. Am stärksten \
             wuchs Homeoffice, gefolgt von Beleuchtung.",
        )],
        answer: "Der Umsatz ist um <percent> % auf 18,4 Millionen Euro gestiegen. Am stärksten \
            gewachsen ist Homeoffice, danach Beleuchtung [1].",
    },
];

static JAPANESE: &[Topic] = &[Topic {
    questions: &[
        "出張の経費精算はいつまでに申請すればよいですか？",
        "タクシー代は経費として認められますか？領収書は必要ですか？",
    ],
    documents: &[
        document(
            "規程/経費精算.md#期限",
            "出張経費は帰着日から<days>営業日以内に申請すること。月をまたぐ場合は翌月五日を期限とする。",
        ),
        document(
            "規程/経費精算.md#交通費",
            "タクシーは公共交通機関がない時間帯、または荷物が多い場合に限り認める。三千円以上は\
             領収書を添付すること。",
        ),
    ],
    answer: "出張経費は帰着日から<days>営業日以内に申請してください[1]。タクシーは公共交通機関がない\
        時間帯などに限り認められ、三千円以上の場合は領収書が必要です[2]。",
}];
