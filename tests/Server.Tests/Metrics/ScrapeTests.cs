using System.Net;
using Xunit;

namespace Presence.Server.Tests.Metrics;

/// <summary>What has happened to a server is what a scrape of it shows; and it shows it on the admin listener alone.</summary>
[Collection(nameof(MeteredServer))]
public sealed class ScrapeTests(MeteredServer server)
{
    public static TheoryData<string, string, double> Happened => new()
    {
        { "presence_sessions_opened_total", "", 9 },
        { "presence_transitions_total", "cause=up", 9 },
        { "presence_transitions_total", "cause=explicit", 6 },
        { "presence_transitions_total", "cause=goodbye", 1 },
        { "presence_transitions_total", "cause=hold_over", 1 },
        { "presence_transitions_total", "cause=silent", 1 },
        { "presence_closes_total", "code=goodbye", 1 },
        { "presence_closes_total", "code=lost", 1 },
        { "presence_closes_total", "code=replaced", 1 },
        { "presence_closes_total", "code=malformed", 1 },
        { "presence_closes_total", "code=heartbeat_timeout", 1 },
        { "presence_handshakes_refused_total", "code=bad_token", 1 },
        { "presence_handshakes_refused_total", "code=token_expired", 1 },
        { "presence_handshakes_refused_total", "code=handshake_timeout", 1 },
        { "presence_tokens_rejected_total", "reason=malformed kind=jwt", 1 },
        { "presence_tokens_rejected_total", "reason=expired kind=jwt", 1 },
        { "presence_limit_hits_total", "limit=watches", 1 },
        { "presence_limit_hits_total", "limit=status_changes", 1 },
        { "presence_limit_hits_total", "limit=max_frame_bytes", 1 },
        { "presence_limit_hits_total", "limit=http_body_bytes", 1 },
        { "presence_limit_hits_total", "limit=handshake_timeout", 1 },
        { "presence_statuses_delayed_total", "", 1 },
        { "presence_deliveries_total", "", 1 },
        { "presence_heartbeats_total", "source=session", 1 },
        { "presence_heartbeats_total", "source=link", 3 },
        { "presence_link_sessions", "", 1 },
        { "presence_links", "state=live", 1 },
        { "presence_connections", "transport=tcp", 2 },
        { "presence_overload_step", "", 0 },
        { "presence_connections_opened_total", "transport=tcp", 10 },
        { "presence_checkpoints_total", "", 1 },
        { "presence_journal_commits_total", "", 1 },
        { "presence_journal_commit_duration_seconds_count", "", 1 },
        { "presence_journal_size_bytes", "", 1 },
        { "presence_journal_segments", "", 1 },
        { "presence_storage_free_bytes", "", 1 },
        { "presence_store_records", "", 5 },
        { "presence_shard_turns_total", "shard=1", 10 },
        { "presence_shard_turn_lag_seconds_count", "shard=0", 1 },
        { "presence_detection_duration_seconds_count", "cause=explicit", 5 },
        { "presence_detection_duration_seconds_count", "cause=goodbye", 1 },
    };

    [Theory]
    [MemberData(nameof(Happened))]
    public void What_has_happened_is_shown(string metric, string labels, double atLeast) =>
        Assert.InRange(server.Shown.Sum(metric, labels.Split(' ', StringSplitOptions.RemoveEmptyEntries)), atLeast, double.MaxValue);

    [Theory]
    [InlineData("presence_journal_failures_total")]
    [InlineData("presence_journal_left_out_total")]
    [InlineData("presence_health")]
    public void What_has_not_happened_is_shown_as_nothing(string metric) => Assert.Equal(0, server.Shown.Sum(metric));

    // A lost connection is measured with its hold, a silent one from its deadline.
    [Fact]
    public void Times_are_what_they_are_said_to_be()
    {
        double lost = server.Shown.Sum("presence_detection_duration_seconds_sum", "cause=hold_over") / server.Shown.Sum("presence_detection_duration_seconds_count", "cause=hold_over");
        Assert.InRange(lost, Sessions.Scene.Hold.TotalSeconds, double.MaxValue);
        Scrape.Sample[] buckets = [.. server.Shown.Samples.Where(static sample => sample.Name == "presence_propagation_duration_seconds_bucket")];
        Assert.Equal(["5E-05", "0.0001", "0.0002", "0.0005", "0.001"], buckets.Select(static bucket => bucket.Labels["le"]).Take(5));
        Assert.Equal("+Inf", buckets[^1].Labels["le"]);
        Assert.Equal(server.Shown.Sum("presence_propagation_duration_seconds_count"), buckets[^1].Value);
    }

    [Fact]
    public async Task It_is_text_on_the_admin_listener_and_unknown_on_every_other()
    {
        using var http = new HttpClient();
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using HttpResponseMessage admin = await http.GetAsync(new Uri($"http://{server.Process.Admin}/metrics"), cancel);
        Assert.Equal(HttpStatusCode.OK, admin.StatusCode);
        Assert.Equal("text/plain", admin.Content.Headers.ContentType!.MediaType);
        using HttpResponseMessage other = await http.GetAsync(new Uri($"http://{server.Process.Http}/metrics"), cancel);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        using HttpResponseMessage lean = await http.GetAsync(new Uri($"http://{server.Process.WebSocket}/metrics"), cancel);
        Assert.Equal(HttpStatusCode.NotFound, lean.StatusCode);
    }
}
