"""The keypoints that each data set annotates, in its order, by the names of our skeletons."""

from openpose_py.zoo.skeletons import read_skeleton

_WHOLE = read_skeleton("BODY_135").parts

COCO = _WHOLE[:17]
FEET = _WHOLE[19:25]  # big toe, small toe, heel, left then right
LEFT_HAND = ("LWrist", *_WHOLE[25:45])
RIGHT_HAND = ("RWrist", *_WHOLE[45:65])
FACE_68 = _WHOLE[65:133]
FACE_70 = (*FACE_68, "unlabelled right pupil", "unlabelled left pupil")
WHOLE_135 = _WHOLE
BODY_25B = (*_WHOLE[:17], "UpperNeck", "HeadTop", *FEET)
HANDS = (*LEFT_HAND, *RIGHT_HAND)

# Where a body's wrist and a hand's are both labelled, the body's counts.
BESIDE_BODY = tuple(f"{name} of hand" if "Wrist" in name else name for name in HANDS)
COCO_WHOLEBODY = (*COCO, *FEET, *FACE_68, *BESIDE_BODY)

# Halpe's own neck and hip middle are defined otherwise than ours and stay unused.
HALPE = (
    *COCO,
    *("HeadTop", "Neck of Halpe", "Hip of Halpe"),
    *("LBigToe", "RBigToe", "LSmallToe", "RSmallToe", "LHeel", "RHeel"),
    *FACE_68,
    *BESIDE_BODY,
)

# "Pelvis", "Thorax" and the like name no part of a skeleton: they are read and left aside.
MPII = (
    *("RAnkle", "RKnee", "RHip", "LHip", "LKnee", "LAnkle", "Pelvis", "Thorax"),
    *("UpperNeck", "HeadTop", "RWrist", "RElbow", "RShoulder", "LShoulder", "LElbow", "LWrist"),
)
LSP = (
    *("RAnkle", "RKnee", "RHip", "LHip", "LKnee", "LAnkle", "RWrist", "RElbow", "RShoulder"),
    *("LShoulder", "LElbow", "LWrist", "UpperNeck", "HeadTop"),
)
LIP = (
    *("RAnkle", "RKnee", "RHip", "LHip", "LKnee", "LAnkle", "Pelvis", "Spine"),
    *("UpperNeck", "HeadTop", "RWrist", "RElbow", "RShoulder", "LShoulder", "LElbow", "LWrist"),
)
