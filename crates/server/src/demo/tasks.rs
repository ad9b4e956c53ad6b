//! What agents work on. Words between angle brackets stand for facts, as in talks.

use super::failure::Failure;

/// A task, and how it is solved.
pub(super) struct Task {
    pub(super) name: &'static str,
    pub(super) agent: &'static str,
    pub(super) system: &'static str,
    pub(super) asks: &'static [&'static str],
    pub(super) steps: &'static [ToolUse],
    pub(super) answer: &'static str,
}

/// A tool, and why it is used.
pub(super) struct ToolUse {
    pub(super) thought: &'static str,
    pub(super) tool: &'static str,
    /// JSON, as is `result`.
    pub(super) arguments: &'static str,
    pub(super) result: &'static str,
    /// What the tool itself calls.
    pub(super) inner: &'static str,
    /// The median, in ms.
    pub(super) took: i64,
    /// How a first attempt may fail; the second does not.
    pub(super) failure: Option<Failure>,
}

const FLAKY_TESTS: Failure = Failure {
    code: "exit_1",
    class: "ToolExecutionError",
    message: "run_tests: the sandbox lost its database: connect ECONNREFUSED 127.0.0.1:5432",
    stack: r#"Traceback (most recent call last):
  File "/app/agent_runner/tools/sandbox.py", line 73, in run_tests
    raise ToolExecutionError(result.stderr.strip())
agent_runner.tools.ToolExecutionError: connect ECONNREFUSED 127.0.0.1:5432"#,
};

const SLOW_QUERY: Failure = Failure {
    code: "57014",
    class: "QueryCanceled",
    message: "canceling statement due to statement timeout",
    stack: r#"Traceback (most recent call last):
  File "/app/agent_runner/tools/warehouse.py", line 51, in run_sql
    cursor.execute(sql)
  File "/usr/local/lib/python3.13/site-packages/psycopg/cursor.py", line 97, in execute
    raise ex.with_traceback(None)
psycopg.errors.QueryCanceled: canceling statement due to statement timeout"#,
};

/// All of them.
pub(super) static TASKS: &[Task] = &[
    Task {
        name: "review-pull-request",
        agent: "code-reviewer",
        system: "You review pull requests. Read the diff, run the tests, and report only problems \
            that matter, each with file, line and a suggestion.",
        asks: &[
            "Review pull request #<amount> in nordlicht/checkout.",
            "Is #<amount> (retry of failed payments) safe to merge before the release?",
        ],
        steps: &[
            ToolUse {
                thought: "I'll look at the change first.",
                tool: "get_pull_request",
                arguments: r#"{"repository":"nordlicht/checkout","number":"<amount>"}"#,
                result: r#"{"title":"Retry failed payments","files":["src/payment/retry.ts","src/payment/retry.test.ts"],"additions":84,"deletions":12,"diff":"@@ -18,6 +18,14 @@\n+  for (let attempt = 0; attempt <= limit; attempt++) {\n+    const result = await charge(order);\n+    if (result.ok) return result;\n+  }"}"#,
                inner: "GET /repos/nordlicht/checkout/pulls",
                took: 310,
                failure: None,
            },
            ToolUse {
                thought: "The loop may charge twice when the answer is lost. Let me see what the \
                    tests say.",
                tool: "run_tests",
                arguments: r#"{"filter":"payment/retry"}"#,
                result: r#"{"passed":11,"failed":1,"failures":["retries only when no charge was made: expected 1 charge, got 2"]}"#,
                inner: "POST /sandbox/run",
                took: 2_300,
                failure: Some(FLAKY_TESTS),
            },
        ],
        answer: "One blocking problem, one suggestion.\n\n1. src/payment/retry.ts:21: `charge` is \
            called again without an idempotency key, so an order is charged twice when the first \
            answer is lost. The test \"retries only when no charge was made\" fails for that \
            reason. Pass `order.id` as the key.\n2. src/payment/retry.ts:19: `attempt <= limit` \
            makes one attempt more than the name says; use `<`.\n\nThe rest looks good.",
    },
    Task {
        name: "quarterly-analysis",
        agent: "data-analyst",
        system: "You answer questions about the business with SQL on the warehouse. Show the \
            figures you used. Never guess a figure.",
        asks: &[
            "Which product groups grew most in the last quarter, and why?",
            "Compare revenue per region with the quarter before and draw a chart.",
        ],
        steps: &[
            ToolUse {
                thought: "First the tables that hold revenue.",
                tool: "describe_tables",
                arguments: r#"{"schema":"sales"}"#,
                result: r#"{"tables":["orders","order_lines","product_groups","regions"]}"#,
                inner: "SELECT information_schema",
                took: 90,
                failure: None,
            },
            ToolUse {
                thought: "Now revenue per group for both quarters.",
                tool: "run_sql",
                arguments: r#"{"sql":"SELECT g.name, sum(l.amount) FILTER (WHERE o.quarter = 'Q2') AS q2, sum(l.amount) FILTER (WHERE o.quarter = 'Q1') AS q1 FROM sales.order_lines l JOIN sales.orders o USING (order_id) JOIN sales.product_groups g USING (group_id) GROUP BY 1 ORDER BY 2 DESC"}"#,
                result: r#"{"columns":["name","q2","q1"],"rows":[["Home office",7420113,6102944],["Lighting",4980220,4655871],["Kitchen",3310775,3298410],["Outdoor",2688912,2790455]]}"#,
                inner: "SELECT sales.order_lines",
                took: 1_400,
                failure: Some(SLOW_QUERY),
            },
            ToolUse {
                thought: "A bar chart shows the difference best.",
                tool: "create_chart",
                arguments: r#"{"kind":"bar","x":"name","y":["q1","q2"],"title":"Revenue by group"}"#,
                result: r#"{"url":"/charts/<order>.svg","width":960,"height":420}"#,
                inner: "POST /render",
                took: 420,
                failure: None,
            },
        ],
        answer: "Home office grew most: from €6.10 million to €7.42 million (+21.6 %). Lighting \
            follows with +7.0 %, Kitchen is flat (+0.4 %), and Outdoor fell by 3.6 %. The growth \
            in home office comes from more orders; the average basket rose only <percent> %. The \
            chart is at /charts/<order>.svg.",
    },
    Task {
        name: "handle-refund",
        agent: "refund-agent",
        system: "You decide on refunds up to €500 by the policy, and hand over anything above.",
        asks: &[
            "The <product> in order <order> arrived broken. I'd like my money back.",
            "Bitte erstatten Sie Bestellung <order>, das Paket kam nie an.",
            "注文<order>が届きません。返金してください。",
        ],
        steps: &[
            ToolUse {
                thought: "I need the order to see what was paid and when it was delivered.",
                tool: "lookup_order",
                arguments: r#"{"order":"<order>"}"#,
                result: r#"{"order":"<order>","product":"<product>","paid":"<amount>.00","currency":"EUR","shipped_from":"<city>","days_since_delivery":"<days>"}"#,
                inner: "GET /orders",
                took: 140,
                failure: None,
            },
            ToolUse {
                thought: "Within 60 days and under the limit: the policy allows a full refund.",
                tool: "issue_refund",
                arguments: r#"{"order":"<order>","amount":"<amount>.00","reason":"damaged_or_lost"}"#,
                result: r#"{"refund":"<order>-R","status":"submitted","expected_days":5}"#,
                inner: "POST /payments/refunds",
                took: 650,
                failure: None,
            },
        ],
        answer: "Refund <order>-R over €<amount> was submitted to the original card; it usually \
            arrives within five working days. The customer does not need to send anything back.",
    },
];
