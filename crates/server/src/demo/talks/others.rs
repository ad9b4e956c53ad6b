//! In German, French, Spanish and Japanese.

use super::{Talk, Turn};

pub(super) static GERMAN: &[Talk] = &[
    Talk {
        name: "order-status",
        turns: &[
            Turn {
                asks: &[
                    "Guten Tag, meine Bestellung <order> ist seit <days> Tagen überfällig. Wo \
                     bleibt sie?",
                    "Hallo, laut Sendungsverfolgung liegt <order> seit <days> Tagen in <city>. \
                     Können Sie nachfragen?",
                ],
                answers: &["Das tut mir leid. Ihre Bestellung <order> hat unser Lager in <city> \
                     verlassen und wurde zuletzt im Paketzentrum erfasst. Der Zusteller rechnet \
                     mit einer Lieferung innerhalb von zwei Werktagen. Möchten Sie, dass ich \
                     vorsorglich einen Nachforschungsauftrag stelle?"],
            },
            Turn {
                asks: &["Ja, bitte. Und wenn das Paket verloren ist?"],
                answers: &[
                    "Der Nachforschungsauftrag ist gestellt. Bleibt das Paket verschwunden, \
                     schicken wir Ihnen den Artikel kostenlos noch einmal oder erstatten die \
                     <amount> € vollständig, ganz wie Sie möchten. Ich melde mich, sobald eine \
                     Antwort da ist.",
                ],
            },
        ],
    },
    Talk {
        name: "invoice-question",
        turns: &[Turn {
            asks: &[
                "Auf der Rechnung zu <order> fehlt unsere Umsatzsteuer-ID. Bekomme ich eine neue?",
                "Warum stehen auf der Rechnung <amount> €, obwohl ich einen Gutschein hatte?",
            ],
            answers: &["Gern: Die Rechnung zu <order> habe ich mit Ihrer Umsatzsteuer-ID neu \
                 ausgestellt, der Gutschein über <percent> % steht jetzt in einer eigenen Zeile. \
                 Sie finden sie unter „Bestellungen → Dokumente“. Die alte Rechnung ist als \
                 ersetzt gekennzeichnet, Ihre Buchhaltung braucht nur die neue."],
        }],
    },
];

pub(super) static FRENCH: &[Talk] = &[Talk {
    name: "change-plan",
    turns: &[
        Turn {
            asks: &[
                "Bonjour, comment résilier mon abonnement sans perdre mes documents ?",
                "Est-ce que je peux mettre mon abonnement en pause pendant <days> semaines ?",
            ],
            answers: &[
                "Bonjour, c'est possible à tout moment depuis Paramètres → Abonnement. Une pause \
                 peut durer jusqu'à trois mois : rien n'est facturé, et vos documents restent \
                 lisibles. En cas de résiliation, ils sont conservés 90 jours et vous pouvez les \
                 exporter en une seule fois.",
            ],
        },
        Turn {
            asks: &["Et les <amount> € déjà payés pour l'année ?"],
            answers: &[
                "Les mois restants vous sont remboursés au prorata sur la carte utilisée, en \
                 général sous trois à cinq jours ouvrés. Souhaitez-vous que je lance la \
                 résiliation ou plutôt la pause ?",
            ],
        },
    ],
}];

pub(super) static SPANISH: &[Talk] = &[Talk {
    name: "refund",
    turns: &[
        Turn {
            asks: &[
                "Hola, devolví el pedido <order> hace <days> días y todavía no veo el reembolso.",
                "¿Puedo devolver solo una parte del pedido <order>?",
            ],
            answers: &[
                "Hola. La devolución del pedido <order> llegó a nuestro almacén de <city> y el \
                 reembolso de <amount> € ya está aprobado. Con tarjeta suele tardar entre tres y \
                 cinco días laborables. También puede devolver solo algunos artículos: en «Mis \
                 pedidos» marque los que quiera e imprima la etiqueta.",
            ],
        },
        Turn {
            asks: &["Perfecto, muchas gracias por la ayuda."],
            answers: &["¡De nada! Si el viernes aún no lo ve en su cuenta, escríbame por aquí."],
        },
    ],
}];

pub(super) static JAPANESE: &[Talk] = &[
    Talk {
        name: "refund",
        turns: &[
            Turn {
                asks: &[
                    "注文番号<order>の商品が破損していました。返品と返金をお願いできますか？",
                    "<days>日前に届いた商品を返品したいのですが、手続きを教えてください。",
                ],
                answers: &[
                    "ご不便をおかけして申し訳ございません。注文番号<order>の返品を承りました。\
                     送料は弊社が負担いたします。マイページの「注文履歴」から返送用ラベルを印刷し、\
                     商品に貼ってお近くの集荷所へお持ちください。到着を確認してから、三営業日以内に\
                     ご返金いたします。",
                ],
            },
            Turn {
                asks: &["箱を捨ててしまいましたが、大丈夫ですか？"],
                answers: &["はい、問題ございません。丈夫な箱であれば何でもお使いいただけます。\
                     商品が動かないように、隙間に紙などを入れていただけますと安心です。"],
            },
        ],
    },
    Talk {
        name: "order-status",
        turns: &[Turn {
            asks: &[
                "<order>はいつ届きますか？予定日を<days>日過ぎています。",
                "配送状況を確認したいです。注文番号は<order>です。",
            ],
            answers: &[
                "お待たせしております。ご注文<order>は<city>の倉庫を出荷済みで、現在は配送会社の\
                 営業所にございます。あと二日ほどでお届けできる見込みです。もし明後日までに届かない\
                 場合は、こちらで再送の手配をいたしますので、お知らせください。",
            ],
        }],
    },
];
