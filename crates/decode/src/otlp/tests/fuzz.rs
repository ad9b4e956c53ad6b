//! Whatever is sent, reading it ends well, and both encodings say the same.

use proptest::prelude::*;
use tracekeep_model::Text;

use super::*;
use crate::otlp::raw::RawLink;

/// Keys that mean something, and some that do not.
fn key() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "gen_ai.operation.name",
        "gen_ai.request.model",
        "gen_ai.request.stream",
        "gen_ai.request.temperature",
        "gen_ai.response.time_to_first_chunk",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.audio.input_tokens",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.prompt",
        "gen_ai.prompt.0.content",
        "gen_ai.prompt.1.tool_calls.0.name",
        "gen_ai.completion.0.content",
        "gen_ai.event.content",
        "session.id",
        "tracekeep.tags",
        "tracekeep.source",
        "tracekeep.metadata.a",
        "error.type",
        "http.response.status_code",
        "exception.message",
        "service.name",
        "service.version",
        "",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "[a-z._\0]{0,12}"]
}

fn value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        Just(AnyValue::Empty),
        prop::sample::select(vec![
            "",
            "chat",
            "execute_tool",
            "12",
            "a\0b",
            "[{\"role\":\"user\",\"tool_calls\":[{}]}]",
            "{\"content\":1}",
        ])
        .prop_map(AnyValue::from),
        any::<bool>().prop_map(AnyValue::Bool),
        any::<i64>().prop_map(AnyValue::Int),
        (0i64..100).prop_map(AnyValue::Int),
        any::<f64>().prop_map(AnyValue::Double),
        prop::collection::vec(any::<u8>(), 0..5).prop_map(|bytes| AnyValue::Bytes(bytes.into())),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let members = prop::collection::vec((key().prop_map(Text::from), inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(AnyValue::Array),
            members.prop_map(AnyValue::Map),
        ]
    })
}

fn attributes() -> impl Strategy<Value = Vec<Attribute>> {
    prop::collection::vec((key().prop_map(Text::from), value()), 0..8)
}

fn some_event() -> impl Strategy<Value = RawEvent> {
    let names = prop::sample::select(vec![
        "exception",
        "gen_ai.user.message",
        "gen_ai.choice",
        "gen_ai.content.prompt",
        "gen_ai.client.inference.operation.details",
        "gen_ai.content.first_token",
        "other",
    ]);
    let times = prop::sample::select(vec![0, START, u64::MAX]);
    (names, times, attributes(), 0u64..2).prop_map(|(name, nanos, attributes, dropped)| RawEvent {
        nanos,
        name: name.into(),
        attributes,
        dropped_attributes: dropped,
    })
}

fn link() -> impl Strategy<Value = RawLink> {
    let id = prop::collection::vec(any::<u8>(), 0..20).prop_map(RawId::from_vec);
    (id, attributes()).prop_map(|(id, attributes)| RawLink {
        trace_id: id.clone(),
        span_id: id,
        attributes,
        ..RawLink::default()
    })
}

fn some_span() -> impl Strategy<Value = RawSpan> {
    let ids = (0usize..3, prop::bool::weighted(0.1));
    let times = prop::sample::select(vec![(START, END), (START, 0), (END, START), (0, END)]);
    let lists = (
        attributes(),
        prop::collection::vec(some_event(), 0..4),
        prop::collection::vec(link(), 0..2),
    );
    (ids, times, lists, -1i64..7, -1i64..4).prop_map(
        |((trace, wrong), (start_nanos, end_nanos), (attributes, events, links), kind, status)| {
            let mut sent = span(&attributes);
            sent.trace_id[0] = trace as u8;
            if wrong {
                sent.parent_span_id.push(1);
            }
            RawSpan { start_nanos, end_nanos, events, links, kind, status_code: status, ..sent }
        },
    )
}

fn groups() -> impl Strategy<Value = Vec<Group>> {
    let spans = prop::collection::vec(some_span(), 0..4);
    let group = (attributes(), attributes(), spans).prop_map(|(resource, scope, spans)| Group {
        resource,
        scope: RawScope { name: "s\0".into(), version: Text::new(), attributes: scope },
        spans,
    });
    prop::collection::vec(group, 0..3)
}

proptest! {
    #[test]
    fn both_encodings_say_the_same(groups in groups()) {
        let decoded = decode(&groups);
        let spans: usize = groups.iter().map(|group| group.spans.len()).sum();
        let is_span = |key: &RecordKey| matches!(key, RecordKey::Span { .. });
        let kept = decoded.patches.iter().filter(|(key, _)| is_span(key)).count();
        prop_assert_eq!(kept + decoded.refused(), spans);
        for (_, state) in &decoded.patches {
            let order = state.entries().windows(2).all(|pair| pair[0].register < pair[1].register);
            prop_assert!(order);
        }
    }

    #[test]
    fn garbage_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode_protobuf(&bytes.clone().into(), RECEIVED);
        let _ = decode_json(&bytes.into(), RECEIVED);
    }

    #[test]
    fn damaged_requests_are_read_or_refused(
        groups in groups(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut protobuf = build::protobuf(&groups).to_vec();
        let mut json = build::json(&groups).to_vec();
        for body in [&mut protobuf, &mut json] {
            for (at, byte) in &flips {
                if !body.is_empty() {
                    let at = at.index(body.len());
                    body[at] = *byte;
                }
            }
        }
        let cut = cut.index(protobuf.len() + 1);
        let _ = decode_protobuf(&protobuf[..cut].to_vec().into(), RECEIVED);
        let _ = decode_protobuf(&protobuf.into(), RECEIVED);
        let _ = decode_json(&json.into(), RECEIVED);
    }

    #[test]
    fn json_made_of_anything_is_json(value in value()) {
        let json = value.into_json();
        prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{}", json);
    }
}
