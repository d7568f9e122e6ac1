using Presence.LoadClient.Tests.Fakes;
using Presence.TestKit;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

public sealed class ReadTests
{
    [Theory]
    [InlineData("--ids-per-query 16")]
    [InlineData("--ids-per-query 1000")]
    public async Task Every_answer_is_the_truth(string ids)
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        RunOutput run = await RunOutput.OfAsync(server, $"read --users 5000 --connections 8 --reads 16000 {ids} --flips 50 --duration 20s");

        run.AssertRight("read");
        // 16,000 a second for 20 s, but for what a busy machine leaves undone at the end.
        Assert.InRange(run.Number("reads", "answered"), 300_000, 321_000);
        Assert.Equal(run.Number("reads", "answered"), run.Number("answers", "compared"));
        Assert.InRange(run.Number("flips", "sent"), 1_000, 1_001);
    }

    [Fact]
    public async Task Answers_that_lie_or_leave_out_end_with_1()
    {
        await using var server = new CarelessServer();
        server.Start();
        RunOutput run = await RunOutput.OfAsync(
            "read --users 32 --connections 2 --reads 1600 --flips 0 --duration 500ms",
            "--server", server.Address, "--key-file", server.KeyFile);

        run.AssertWrong("which it was not when it was asked about");
        Assert.Equal(run.Number("reads", "questions"), run.Number("answers", "missing"));
    }
}
