namespace Presence.Server.Diagnostics;

/// <summary>Ids of log events: operators filter by them, so an id keeps its meaning for ever and a retired one is never used again. Each has a line in docs/metrics.md.</summary>
internal static class LogEvents
{
    // 1-99: storage.
    public const int StoreRecovered = 1;
    public const int CheckpointDamaged = 2;
    public const int CheckpointComplete = 3;
    public const int CheckpointFailed = 4;
    public const int StoreFull = 5;
    public const int StoreFailed = 6;
    public const int StoreStopAbandoned = 7;
    public const int LoadBegins = 8;
    public const int LoadFailed = 9;
    public const int JournalReplayed = 20;
    public const int JournalTailCut = 21;
    public const int JournalDamaged = 22;
    public const int JournalFailed = 23;
    public const int JournalBack = 24;
    public const int JournalLossy = 25;
    public const int JournalTrimFailed = 26;
    public const int JournalStopAbandoned = 27;
    public const int JournalGone = 28;
    public const int RedisAway = 40;
    public const int RedisBack = 41;
    public const int RedisWentBack = 42;
    public const int JournalHole = 43;
    public const int WalkBegins = 44;
    public const int WalkEnded = 45;
    public const int ShippingFailed = 46;
    public const int PoisonPassedOver = 47;
    public const int SweepFailed = 48;

    // 100-199: node. Reserved: 101, 104.
    public const int ShardFailed = 100;
    public const int Stopping = 102;
    public const int CanaryLost = 103;
    public const int FrontLoopFailed = 105;
    public const int DrainNotPromised = 106;
    public const int OverloadStep = 107;
    public const int LongIntervalNotWritten = 108;

    // 200-299: connections. Reserved: 200, 201.
    public const int HelloRefused = 202;
    public const int ConnectionFaulted = 203;
    public const int LinkOpened = 204;
    public const int LinkLeft = 205;
    public const int LinkLeaveFailed = 206;
    public const int OutOfDescriptors = 207;
    public const int LingeringFaulted = 208;
    public const int ConnectionsRefused = 209;
    public const int FewerConnections = 210;

    // 300-399: security.
    public const int KeySetLoaded = 300;
    public const int KeyIgnored = 301;
    public const int KeySetFailed = 302;
    public const int RevocationsListed = 303;
    public const int RevocationsFailed = 304;
    public const int WatchPolicyFailed = 305;

    // 400-499: cluster. Reserved: 404, 411.
    public const int PeerUnreadable = 400;
    public const int PeerUnreachable = 401;
    public const int ClusterWaits = 402;
    public const int ClusterFounded = 403;
    public const int ClusterViewed = 405;
    public const int MembershipLost = 406;
    public const int MembershipForgotten = 407;
    public const int OtherCluster = 408;
    public const int Secluded = 409;
    public const int NotSecluded = 410;
    public const int NotHandedOver = 412;
    public const int RevocationsNotLearned = 413;
    public const int PeerStreamFailed = 414;
    public const int PeerStreamNotOpened = 415;
    public const int NameTaken = 416;
    public const int NotRehearsed = 417;
}
