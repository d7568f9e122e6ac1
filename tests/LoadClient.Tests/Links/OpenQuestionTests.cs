using CsCheck;
using Presence.LoadClient.Links;
using Xunit;

namespace Presence.LoadClient.Tests.Links;

public sealed class OpenQuestionTests
{
    [Fact]
    public void Every_name_is_held_against_those_asked() =>
        (from asked in Gen.ULong[1, 60].HashSet[1, 50]
         from named in Gen.ULong[1, 60].List[0, 80]
         select (asked: asked.ToArray(), named)).Sample(static at =>
        {
            // What it was asked before must be forgotten.
            var question = new OpenQuestion();
            question.Begin([3, 1, 2], TimeSpan.Zero, isExact: false);
            question.Take(1);
            question.Begin(at.asked, TimeSpan.Zero, isExact: true);
            HashSet<ulong> answered = [];
            foreach (ulong user in at.named)
            {
                NamedAs expected = !at.asked.Contains(user) ? NamedAs.NotAsked : answered.Add(user) ? NamedAs.Asked : NamedAs.Twice;
                Assert.Equal(expected, question.Take(user));
            }

            ulong[] left = [.. at.asked.Except(answered).Order()];
            Assert.Equal(left.Length, question.Left);
            var faults = new AnswerFaults();
            question.TellLeft(faults);
            Assert.Equal(left.Length, faults.LeftOut);
            Assert.Equal(left.Take(faults.First.Count), faults.First.Select(static fault => fault.User));
        });
}
