from decimal import Decimal as D

import litellm_prices


def priced(**entry):
    return litellm_prices.priced(entry)


def units(**entry):
    return priced(**entry)["prices"][0]["units"]


def test_prices_are_for_a_million_and_exact():
    assert units(input_cost_per_token=D("2.5E-6"), output_cost_per_token=D("0.00001")) == {"input": "2.5", "output": "10"}
    # What a binary float added is rounded away.
    assert units(input_cost_per_token=D("3.0001999999999996E-7")) == {"input": "0.30002"}


def test_thresholds_make_a_ladder():
    found = units(
        input_cost_per_token=D("1E-6"),
        input_cost_per_token_above_200k_tokens=D("2E-6"),
        output_cost_per_token=D("5E-6"),
        cache_read_input_token_cost_above_200k_tokens=D("3E-7"),
    )
    assert found == {"input": ["1", [200000, "2"]], "output": "5", "input_cache_read": ["1", [200000, "0.3"]]}


def test_xai_charges_more_from_the_threshold_on():
    found = units(litellm_provider="xai", input_cost_per_token=D("1E-6"), input_cost_per_token_above_128k_tokens=D("2E-6"))
    assert found["input"] == ["1", [127999, "2"]]


def test_a_tier_holds_what_it_changes():
    found = priced(
        input_cost_per_token=D("2E-6"), input_cost_per_token_priority=D("4E-6"),
        output_cost_per_token=D("8E-6"), cache_read_input_token_cost=D("1E-6"),
    )
    assert found["tiers"] == [{"tier": "priority", "units": {"input": "4"}}]


def test_reasoning_follows_the_output_of_a_tier():
    found = priced(
        input_cost_per_token=D("2E-6"), output_cost_per_token=D("8E-6"), output_cost_per_token_flex=D("4E-6"),
        output_cost_per_reasoning_token=D("9E-6"),
    )
    assert found["tiers"] == [{"tier": "flex", "units": {"output": "4", "output_reasoning": "4"}}]


def test_a_batch_bills_cached_tokens_as_its_input():
    found = priced(
        input_cost_per_token=D("2E-6"), output_cost_per_token=D("8E-6"), cache_read_input_token_cost=D("1.5E-6"),
        input_cost_per_token_batches=D("1E-6"),
    )
    assert found["tiers"] == [{"tier": "batch", "units": {"input": "1", "input_cache_read": "1", "output": "4"}}]


def test_ranges_bill_the_whole_request():
    found = units(tiered_pricing=[
        {"range": [0, D("32000")], "input_cost_per_token": D("1E-6"), "output_cost_per_token": D("2E-6"),
         "cache_read_input_token_cost": D("5E-7")},
        {"range": [D("32000"), D("128000")], "input_cost_per_token": D("3E-6"), "output_cost_per_token": D("4E-6")},
    ])
    assert found == {"input": ["1", [32000, "3"]], "input_cache_read": ["0.5", [32000, "3"]], "output": ["2", [32000, "4"]]}


def test_hours_and_days():
    found = priced(
        input_cost_per_token=D("2E-6"), output_cost_per_token=D("4E-6"),
        off_peak_pricing={"input_cost_per_token": D("1E-6"), "windows": [{"hours_utc": "00:00-01:00", "weekdays": [1, 2]}]},
    )
    assert found["prices"][1] == {"hours": ["00:00-01:00"], "days": [1, 2], "units": {"input": "1", "output": "4"}}


def test_a_second_of_speech_is_billed_once_and_by_the_hour():
    found = units(mode="audio_transcription", input_cost_per_second=D("0.0001"), output_cost_per_second=D("0.0001"))
    assert found == {"input_audio_seconds": "0.36"}


def test_zero_is_unknown():
    assert priced(input_cost_per_token=0, output_cost_per_token=D("0.0")) is None
